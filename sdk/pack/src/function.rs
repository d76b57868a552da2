//! The functions of the expression language: one line each, with types and meaning. The compiler checks calls against this list, the
//! interpreter dispatches on it, and a test keeps the table of the README equal to it.
//!
//! The numbers of the functions stand in compiled tables: new ones are added at the end.

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// Any type.
    Any,
    /// Text.
    Text,
    /// A text written out in the expression, checked when the pack is compiled: a mask, a rounding, the name of a table.
    Literal,
    /// A whole number.
    Integer,
    /// A whole number or a decimal.
    Number,
    /// A number or money.
    Amount,
    /// A civil date.
    Date,
    /// Money.
    Money,
}

/// What a function gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A decimal.
    Decimal,
    /// A civil date.
    Date,
    /// True or false.
    Boolean,
    /// Money.
    Money,
    /// The common type of the arguments.
    Common,
}

/// A function as the compiler and the reference know it.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Its name in expressions.
    pub name: &'static str,
    /// Its arguments in order.
    pub accepts: &'static [Accepts],
    /// Whether the last argument may be repeated.
    pub repeats: bool,
    /// Its result.
    pub gives: Gives,
    /// What it does, for the reference.
    pub meaning: &'static str,
}

macro_rules! functions {
    ($($variant:ident $name:literal ($($accepts:ident),*) $($repeats:ident)? -> $gives:ident $meaning:literal;)*) => {
        /// A function of the language. The discriminant is its number in compiled tables.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the signature carries the meaning")]
        pub enum Function { $($variant),* }

        impl Function {
            /// Every function, in the order of their numbers.
            pub const ALL: &'static [Function] = &[$(Function::$variant),*];

            /// Its types and meaning.
            #[must_use]
            pub fn signature(self) -> Signature {
                match self {
                    $(Function::$variant => Signature {
                        name: $name,
                        accepts: &[$(Accepts::$accepts),*],
                        repeats: functions!(@repeats $($repeats)?),
                        gives: Gives::$gives,
                        meaning: $meaning,
                    }),*
                }
            }
        }
    };
    (@repeats) => { false };
    (@repeats repeated) => { true };
}

functions! {
    Present "present" (Any) -> Boolean "Whether there is a value; a text of blanks only counts as missing. Never none.";
    Coalesce "coalesce" (Any, Any) repeated -> Common "The first argument that is present, else none.";
    Year "year" (Date) -> Integer "The year of the date.";
    Month "month" (Date) -> Integer "The month, 1 to 12.";
    Day "day" (Date) -> Integer "The day of the month.";
    DateOf "date_of" (Integer, Integer, Integer) -> Date "The date of a year, month and day; none when the calendar has no such day.";
    DaysBetween "days_between" (Date, Date) -> Integer "Days from the first date to the second; negative when the second is earlier.";
    MonthsBetween "months_between" (Date, Date) -> Integer "Whole months from the first date to the second.";
    AddDays "add_days" (Date, Integer) -> Date "The date so many days later.";
    AddMonths "add_months" (Date, Integer) -> Date "The date so many months later; the 31st becomes the last day of a shorter month.";
    DateDigits "date_digits" (Date) -> Text "The date as eight digits: 20261121.";
    Length "length" (Text) -> Integer "The number of characters.";
    Upper "upper" (Text) -> Text "In capital letters.";
    Lower "lower" (Text) -> Text "In small letters.";
    Trim "trim" (Text) -> Text "Without blanks at both ends.";
    NormaliseId "normalise_id" (Text) -> Text "In capital letters, without blanks and hyphens: for comparing VINs, plates and numbers.";
    StartsWith "starts_with" (Text, Text) -> Boolean "Whether the first text begins with the second.";
    EndsWith "ends_with" (Text, Text) -> Boolean "Whether the first text ends with the second.";
    Contains "contains" (Text, Text) -> Boolean "Whether the second text occurs in the first.";
    MatchesMask "matches_mask" (Text, Literal) -> Boolean "Whether the whole text fits the mask: A capital letter, 9 digit, * either of them, every other character itself.";
    IsAlphanumeric "is_alphanumeric" (Text) -> Boolean "Whether it is only A-Z, a-z and 0-9, and not empty.";
    IsLatin "is_latin" (Text) -> Boolean "Whether every character is printable ASCII, as customs systems and bills of lading ask.";
    Slice "slice" (Text, Integer, Integer) -> Text "Characters from one position to another, both included, counted from 1: slice(vin, 1, 3) is the maker.";
    Replace "replace" (Text, Text, Text) -> Text "Every occurrence of the second text replaced by the third.";
    DigitsOf "digits_of" (Text) -> Text "Only the digits 0-9 of the text.";
    PadLeft "pad_left" (Text, Integer, Text) -> Text "Filled on the left with the third text up to a length (at most 200).";
    ToText "text" (Any) -> Text "The value as text: dates as 2026-11-21, decimals with a dot, money as USD 12500.00.";
    ToInteger "integer" (Text) -> Integer "The whole number that the text spells, else none.";
    JoinPresent "join_present" (Text, Text) repeated -> Text "The texts after the first that are present, joined by the first.";
    Abs "abs" (Amount) -> Common "Without its sign.";
    Min "min" (Amount, Amount) repeated -> Common "The smallest; none when one is missing.";
    Max "max" (Amount, Amount) repeated -> Common "The largest; none when one is missing.";
    Round "round" (Number, Integer, Literal) -> Decimal "Rounded to so many decimals (0 to 12): \"half-even\", \"half-up\", \"down\" (to zero) or \"up\" (from zero).";
    Floor "floor" (Number) -> Integer "The largest whole number that is not above it.";
    Ceiling "ceiling" (Number) -> Integer "The smallest whole number that is not below it.";
    Divide "divide" (Number, Number, Integer, Literal) -> Decimal "The first by the second, to so many decimals with a named rounding; none when the second is zero.";
    Ratio "ratio" (Amount, Amount) -> Decimal "The first by the second to six decimals, half-even; none when the second is zero.";
    Minor "minor" (Money) -> Integer "The amount in minor units.";
    CurrencyOf "currency_of" (Money) -> Text "The currency, ISO 4217.";
    MoneyOf "money_of" (Integer, Text) -> Money "Money from minor units and a currency.";
    Portion "portion" (Money, Number, Literal) -> Money "The money times the number, rounded to minor units: portion(m, 1.1, \"up\").";
    MoneyText "money_text" (Money) -> Text "The amount without its currency, fixed decimals and dot: 12500.00.";
    FixedText "fixed_text" (Number, Integer) -> Text "The number with so many decimals (0 to 12), half-even, dot.";
    KgText "kg_text" (Number) -> Text "Kilograms with no more decimals than needed, at most three: 1250 or 1250.5.";
    CubicMetreText "cubic_metre_text" (Number) -> Text "Cubic centimetres as cubic metres with three decimals: 11.520.";
    MetreText "metre_text" (Number) -> Text "Millimetres as metres with two decimals: 4.45.";
    VinWellFormed "vin_well_formed" (Text) -> Boolean "ISO 3779: 17 capital letters and digits without I, O and Q.";
    VinCheckDigitOk "vin_check_digit_ok" (Text) -> Boolean "Whether position 9 is the check digit of the VIN. Only some markets demand it.";
    VinYearCode "vin_year_code" (Text) -> Text "Position 10 of a well-formed VIN, else none. Not proof of the year outside North America.";
    FrameWellFormed "frame_well_formed" (Text) -> Boolean "A Japanese frame number: 2 to 8 letters or digits, a hyphen, 4 to 8 digits.";
    UsccCheckOk "uscc_check_ok" (Text) -> Boolean "GB 32100: a Chinese unified social credit code of 18 characters with a correct check character.";
    ContainerCheckDigitOk "container_check_digit_ok" (Text) -> Boolean "ISO 6346: a container number of 4 letters and 7 digits with a correct check digit.";
    Lookup "lookup" (Literal, Text) -> Text "The text of a code in a code table of this pack, else none.";
    HasCode "has_code" (Literal, Text) -> Boolean "Whether a code table of this pack has the code.";
}

/// What an aggregate does with the values of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// How many rows there are.
    Rows,
    /// How many rows have a value.
    Count,
    /// The total.
    Sum,
    /// The smallest value.
    Smallest,
    /// The largest value.
    Largest,
    /// Whether it is true for a row.
    Any,
    /// Whether it is true for every row.
    All,
    /// Whether every present value is the same.
    Same,
    /// How many different values there are.
    Distinct,
    /// The first value that occurs a second time.
    FirstDuplicate,
    /// Whether an earlier row has the value of this row.
    Repeats,
    /// The first present value.
    First,
    /// The values as a list.
    ListText,
    /// The different values as a list.
    ListDistinct,
}

impl Aggregate {
    /// Every aggregate with its name, argument, result and meaning, in the order of their numbers in compiled tables.
    pub const ALL: &'static [(Aggregate, &'static str, &'static str, &'static str, &'static str)] = &[
        (Aggregate::Rows, "rows", "scope", "integer", "How many rows the scope has: rows(vehicle)."),
        (Aggregate::Count, "count", "any", "integer", "How many rows have a value."),
        (Aggregate::Sum, "sum", "amount", "common", "The total of the present values. No row: 0; for money none."),
        (Aggregate::Smallest, "smallest", "amount or date", "common", "The smallest present value, none without any."),
        (Aggregate::Largest, "largest", "amount or date", "common", "The largest present value, none without any."),
        (Aggregate::Any, "any", "boolean", "boolean", "Whether it is true for at least one row."),
        (
            Aggregate::All,
            "all",
            "boolean",
            "boolean",
            "Whether it is false for no row; none when a row is unknown and no row is false.",
        ),
        (Aggregate::Same, "same", "any", "boolean", "Whether all present values are equal."),
        (Aggregate::Distinct, "distinct", "any", "integer", "How many different present values there are."),
        (
            Aggregate::FirstDuplicate,
            "first_duplicate",
            "any",
            "text",
            "The first value that occurs again, as text; none when there is no such value.",
        ),
        (
            Aggregate::Repeats,
            "repeats",
            "any",
            "boolean",
            "Only per row: whether an earlier row of the scope has the same present value.",
        ),
        (Aggregate::First, "first", "any", "common", "The first present value."),
        (Aggregate::ListText, "list_text", "any", "text", "The present values as text, joined by a comma and a blank."),
        (Aggregate::ListDistinct, "list_distinct", "any", "text", "The same, each value once."),
    ];
}
