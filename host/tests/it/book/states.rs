//! Where a plugin can stand, as the state machine says.

use std::fmt::Write as _;

use roro::plugin::state::{Event, State};

use super::must_be;

#[test]
fn the_states_are_those_of_the_state_machine() {
    let mut table = String::from("| From |");
    for event in Event::ALL {
        write!(table, " {event} |").unwrap();
    }
    table.push_str(&format!("\n|---{}|\n", "|---".repeat(Event::ALL.len())));
    for state in State::ALL {
        write!(table, "| **{state}** |").unwrap();
        for event in Event::ALL {
            write!(table, " {} |", state.next(*event).map_or("–", State::as_str)).unwrap();
        }
        table.push('\n');
    }
    must_be("upgrading.md", "states", &table);
}
