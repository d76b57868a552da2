//! `roro:host/tasks` and `roro:host/events`: what a call puts off and what it tells, proposed with everything else.

use roro_engine::ImportResult;
use roro_engine::bindings::contract::roro::host::{events, tasks};

use super::answers::Answers;
use crate::action::Later;
use crate::plugin::manifest::{GrantName, is_name};

/// The largest payload, bytes.
const PAYLOAD_BYTES_MAX: usize = 16_384;
/// The most tasks of one call.
const TASKS_MAX: usize = 100;
/// The most events of one call.
const EVENTS_MAX: usize = 20;
/// The longest time that a task is put off, seconds.
const SECONDS_MAX: u32 = 366 * 86_400;

impl tasks::Host for Answers {
    fn later(&mut self, name: String, payload: String, seconds: u32) -> ImportResult<Result<(), tasks::Error>> {
        self.must_have(GrantName::Tasks, "roro:host/tasks")?;
        let call = self.call()?;
        if !is_name(&name) {
            return Ok(Err(tasks::Error::BadName));
        }
        if payload.len() > PAYLOAD_BYTES_MAX || payload.contains('\0') {
            return Ok(Err(tasks::Error::TooLarge));
        }
        if call.effects.tasks.len() >= TASKS_MAX {
            return Ok(Err(tasks::Error::TooMany));
        }
        let moved = payload.len();
        call.effects.tasks.push(Later { name, payload, seconds: seconds.min(SECONDS_MAX) });
        self.moved(moved);
        Ok(Ok(()))
    }
}

impl events::Host for Answers {
    fn tell(&mut self, name: String, payload: String) -> ImportResult<Result<(), events::Error>> {
        self.must_have(GrantName::Events, "roro:host/events")?;
        let call = self.call()?;
        if !is_name(&name) {
            return Ok(Err(events::Error::BadName));
        }
        let data = if payload.len() > PAYLOAD_BYTES_MAX { None } else { serde_json::from_str(&payload).ok() };
        let Some(data @ serde_json::Value::Object(_)) = data else { return Ok(Err(events::Error::BadPayload)) };
        if call.effects.events.len() >= EVENTS_MAX {
            return Ok(Err(events::Error::TooMany));
        }
        call.effects.events.push((name, data));
        self.moved(payload.len());
        Ok(Ok(()))
    }
}
