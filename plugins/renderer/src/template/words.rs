//! Amounts of money in words: English capitals as trade papers write them, and Chinese financial capitals (大写).

use minijinja::Error;
use minijinja::value::Value;

use super::money::Money;
use super::number::invalid;

/// Currency, its English name, the name of its hundredth or thousandth, its Chinese name.
const NAMES: [(&str, &str, &str, &str); 24] = [
    ("AED", "UAE DIRHAMS", "FILS", "阿联酋迪拉姆"),
    ("AUD", "AUSTRALIAN DOLLARS", "CENTS", "澳元"),
    ("CAD", "CANADIAN DOLLARS", "CENTS", "加元"),
    ("CHF", "SWISS FRANCS", "CENTIMES", "瑞士法郎"),
    ("CNY", "CHINESE YUAN", "FEN", "人民币"),
    ("EUR", "EUROS", "CENTS", "欧元"),
    ("GBP", "POUNDS STERLING", "PENCE", "英镑"),
    ("HKD", "HONG KONG DOLLARS", "CENTS", "港元"),
    ("INR", "INDIAN RUPEES", "PAISE", "印度卢比"),
    ("JPY", "JAPANESE YEN", "", "日元"),
    ("KES", "KENYA SHILLINGS", "CENTS", "肯尼亚先令"),
    ("KRW", "KOREAN WON", "", "韩元"),
    ("KWD", "KUWAITI DINARS", "FILS", "科威特第纳尔"),
    ("KZT", "KAZAKHSTAN TENGE", "TIYN", "坚戈"),
    ("MYR", "MALAYSIAN RINGGIT", "SEN", "马来西亚林吉特"),
    ("NZD", "NEW ZEALAND DOLLARS", "CENTS", "新西兰元"),
    ("RUB", "RUSSIAN ROUBLES", "KOPECKS", "俄罗斯卢布"),
    ("SAR", "SAUDI RIYALS", "HALALAS", "沙特里亚尔"),
    ("SGD", "SINGAPORE DOLLARS", "CENTS", "新加坡元"),
    ("THB", "THAI BAHT", "SATANG", "泰铢"),
    ("TZS", "TANZANIA SHILLINGS", "CENTS", "坦桑尼亚先令"),
    ("UGX", "UGANDA SHILLINGS", "", "乌干达先令"),
    ("USD", "US DOLLARS", "CENTS", "美元"),
    ("ZAR", "SOUTH AFRICAN RAND", "CENTS", "南非兰特"),
];

const SMALL: [&str; 20] = [
    "ZERO",
    "ONE",
    "TWO",
    "THREE",
    "FOUR",
    "FIVE",
    "SIX",
    "SEVEN",
    "EIGHT",
    "NINE",
    "TEN",
    "ELEVEN",
    "TWELVE",
    "THIRTEEN",
    "FOURTEEN",
    "FIFTEEN",
    "SIXTEEN",
    "SEVENTEEN",
    "EIGHTEEN",
    "NINETEEN",
];
const TENS: [&str; 10] = ["", "", "TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY"];
const THOUSANDS: [(u128, &str); 6] = [
    (1_000_000_000_000_000_000, "QUINTILLION"),
    (1_000_000_000_000_000, "QUADRILLION"),
    (1_000_000_000_000, "TRILLION"),
    (1_000_000_000, "BILLION"),
    (1_000_000, "MILLION"),
    (1_000, "THOUSAND"),
];
const CAPITALS: [&str; 10] = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];

/// The `amount_in_words` filter: `en` (the default) or `zh`; the currency when the value is minor units alone.
pub(super) fn amount_in_words(value: &Value, language: Option<&str>, currency: Option<&str>) -> Result<String, Error> {
    let money = Money::read(value, currency)?;
    if money.minor.unsigned_abs() > u128::from(u64::MAX) {
        return Err(invalid("the amount is too large to spell: check the data"));
    }
    match language.unwrap_or("en") {
        "en" => Ok(english(&money)),
        "zh" => Ok(chinese(&money)),
        other => Err(invalid(format!("no words for the language `{other}`: write `en` or `zh`"))),
    }
}

/// Whole units and the rest in minor units.
fn parts(money: &Money) -> (u128, u128) {
    let unit = 10_u128.pow(money.decimals());
    (money.minor.unsigned_abs() / unit, money.minor.unsigned_abs() % unit)
}

fn english(money: &Money) -> String {
    let (whole, rest) = parts(money);
    let known = NAMES.iter().find(|(code, ..)| *code == money.currency);
    let name = known.map_or(money.currency.as_str(), |(_, name, ..)| name);
    let minus = if money.minor < 0 { "MINUS " } else { "" };
    let mut text = format!("{name} {minus}{}", spell(whole));
    match known.map_or("", |(_, _, minor, _)| minor) {
        _ if rest == 0 => {}
        // The form that needs no name for the smaller unit.
        "" => text.push_str(&format!(" AND {rest}/{}", 10_u128.pow(money.decimals()))),
        minor => text.push_str(&format!(" AND {minor} {}", spell(rest))),
    }
    text.push_str(" ONLY");
    text
}

fn spell(number: u128) -> String {
    let mut words = Vec::new();
    let mut rest = number;
    for (unit, name) in THOUSANDS {
        if rest >= unit {
            below_thousand(rest / unit, &mut words);
            words.push(name.to_owned());
            rest %= unit;
        }
    }
    if rest > 0 || words.is_empty() {
        below_thousand(rest, &mut words);
    }
    words.join(" ")
}

fn below_thousand(number: u128, words: &mut Vec<String>) {
    let (hundreds, rest) = (number / 100, number % 100);
    if hundreds > 0 {
        words.push(word(&SMALL, hundreds).to_owned());
        words.push("HUNDRED".to_owned());
    }
    if rest >= 20 {
        let tens = word(&TENS, rest / 10);
        words.push(if rest % 10 == 0 { tens.to_owned() } else { format!("{tens}-{}", word(&SMALL, rest % 10)) });
    } else if rest > 0 || hundreds == 0 {
        words.push(word(&SMALL, rest).to_owned());
    }
}

fn word(words: &'static [&'static str], index: u128) -> &'static str {
    usize::try_from(index).ok().and_then(|index| words.get(index)).copied().unwrap_or_default()
}

/// As the People's Bank of China writes amounts: 零 for a gap, 整 when nothing follows 元 or 角.
fn chinese(money: &Money) -> String {
    let (whole, rest) = parts(money);
    let known = NAMES.iter().find(|(code, ..)| *code == money.currency);
    let mut text = known.map_or(money.currency.as_str(), |(.., name)| name).to_owned();
    if money.minor < 0 {
        text.push('负');
    }
    if whole > 0 || rest == 0 {
        text.push_str(&capitals(whole));
        text.push('元');
    }
    let mut gap = false;
    let mut unit = 10_u128.pow(money.decimals());
    for name in ["角", "分", "厘", "毫"] {
        unit /= 10;
        if unit == 0 {
            break;
        }
        let digit = rest / unit % 10;
        if digit == 0 {
            gap = true;
            continue;
        }
        if gap && whole > 0 {
            text.push('零');
        }
        gap = false;
        text.push_str(word(&CAPITALS, digit));
        text.push_str(name);
    }
    if !text.ends_with(['分', '厘', '毫']) {
        text.push('整');
    }
    text
}

fn capitals(number: u128) -> String {
    for (unit, name) in [(100_000_000, "亿"), (10_000, "万"), (1_000, "仟"), (100, "佰"), (10, "拾")] {
        if number >= unit {
            let rest = number % unit;
            // A missing digit between two parts is said once.
            let gap = if rest > 0 && rest < unit / 10 { "零" } else { "" };
            let tail = if rest > 0 { capitals(rest) } else { String::new() };
            return format!("{}{name}{gap}{tail}", capitals(number / unit));
        }
    }
    word(&CAPITALS, number).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i128, currency: &str) -> Money {
        Money { minor, currency: currency.to_owned() }
    }

    #[test]
    fn english_words_name_units_and_cents() {
        let cases = [
            (1_250_000, "USD", "US DOLLARS TWELVE THOUSAND FIVE HUNDRED ONLY"),
            (1_250_050, "USD", "US DOLLARS TWELVE THOUSAND FIVE HUNDRED AND CENTS FIFTY ONLY"),
            (1_000_001, "JPY", "JAPANESE YEN ONE MILLION ONE ONLY"),
            (21, "EUR", "EUROS ZERO AND CENTS TWENTY-ONE ONLY"),
            (1_005, "KWD", "KUWAITI DINARS ONE AND FILS FIVE ONLY"),
            (10_150, "XYZ", "XYZ ONE HUNDRED ONE AND 50/100 ONLY"),
            (-100, "USD", "US DOLLARS MINUS ONE ONLY"),
        ];
        for (minor, currency, expected) in cases {
            assert_eq!(english(&money(minor, currency)), expected);
        }
    }

    #[test]
    fn chinese_capitals_follow_the_rules_for_gaps_and_endings() {
        let cases = [
            (1_250_000, "USD", "美元壹万贰仟伍佰元整"),
            (168_032, "CNY", "人民币壹仟陆佰捌拾元叁角贰分"),
            (140_950, "CNY", "人民币壹仟肆佰零玖元伍角整"),
            (600_714, "CNY", "人民币陆仟零柒元壹角肆分"),
            (1_640_902, "CNY", "人民币壹万陆仟肆佰零玖元零贰分"),
            (32_504, "CNY", "人民币叁佰贰拾伍元零肆分"),
            (50, "CNY", "人民币伍角整"),
            (4, "CNY", "人民币肆分"),
            (0, "CNY", "人民币零元整"),
            (10_000_000_500, "JPY", "日元壹佰亿零伍佰元整"),
            (1_000_500_000, "JPY", "日元壹拾亿零伍拾万元整"),
            (10_500_000, "JPY", "日元壹仟零伍拾万元整"),
        ];
        for (minor, currency, expected) in cases {
            assert_eq!(chinese(&money(minor, currency)), expected);
        }
    }
}
