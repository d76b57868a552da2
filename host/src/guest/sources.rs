//! `roro:render/sources`: templates, their parts and fonts, and nothing else.

use roro_engine::bindings::contract::roro::render::sources::{Font, Host};

use super::answers::Answers;

impl Host for Answers {
    fn read(&mut self, path: String) -> roro_engine::ImportResult<Option<Vec<u8>>> {
        let found = path.split_once('/').and_then(|(pack, file)| {
            let pack = self.packs.iter().find(|known| known.id() == pack)?;
            pack.template(file).map(<[u8]>::to_vec)
        });
        self.moved(found.as_ref().map_or(0, Vec::len));
        Ok(found)
    }

    fn fonts(&mut self) -> roro_engine::ImportResult<Vec<Font>> {
        Ok(self.fonts.iter().map(|font| Font { family: font.family.clone(), bytes: font.bytes.len() as u64 }).collect())
    }

    fn font_file(&mut self, index: u32) -> roro_engine::ImportResult<Option<Vec<u8>>> {
        let found = usize::try_from(index).ok().and_then(|index| self.fonts.get(index)).map(|font| font.bytes.to_vec());
        self.moved(found.as_ref().map_or(0, Vec::len));
        Ok(found)
    }
}
