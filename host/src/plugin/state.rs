//! What becomes of a plugin of a tenant, step by step.

crate::words! {
    /// Where a plugin stands.
    pub enum State {
        /// It is there and takes part in nothing.
        Installed = "installed",
        /// Its active release takes part.
        Active = "active",
        /// The house has stopped calling it, because it failed again and again. It counts as failing, as its failure policy says: an order
        /// that it guards does not slip through.
        Quarantined = "quarantined",
        /// An administrator has stopped it: it takes part in nothing. Its release is kept for when it goes on.
        Suspended = "suspended",
        /// It is gone; what it was stays in the trail.
        Uninstalled = "uninstalled",
    }
}

crate::words! {
    /// What can happen to it.
    pub enum Event {
        /// A package of it was brought in.
        Install = "install",
        /// A release of it is to take part.
        Activate = "activate",
        /// The release that was active before is to take part again.
        RollBack = "roll-back",
        /// It failed again and again.
        Quarantine = "quarantine",
        /// It is to stop.
        Suspend = "suspend",
        /// It is to go on with the release that was active.
        Resume = "resume",
        /// It is to go.
        Uninstall = "uninstall",
    }
}

impl Event {
    /// The verb under which it stands in the log of commands.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Install => "plugin.install",
            Self::Activate => "plugin.activate",
            Self::RollBack => "plugin.roll_back",
            Self::Quarantine => "plugin.quarantine",
            Self::Suspend => "plugin.suspend",
            Self::Resume => "plugin.resume",
            Self::Uninstall => "plugin.uninstall",
        }
    }

    /// The kind of the event that the firm's other programs are told.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Install => "plugin.installed",
            Self::Activate | Self::RollBack | Self::Resume => "plugin.activated",
            Self::Quarantine | Self::Suspend => "plugin.suspended",
            Self::Uninstall => "plugin.uninstalled",
        }
    }
}

/// An event that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the plugin is {state}: {}", fix(*.state, *.event))]
pub struct Refused {
    /// Where it stands.
    pub state: State,
    /// What was asked.
    pub event: Event,
}

const fn fix(state: State, event: Event) -> &'static str {
    match (state, event) {
        (State::Uninstalled, _) => "install it first",
        (State::Installed, Event::RollBack | Event::Suspend | Event::Resume) => "activate a release of it first",
        (State::Active, Event::Resume) => "there is nothing to resume",
        (State::Suspended, Event::Suspend) => "there is nothing more to stop",
        _ => "look at it again",
    }
}

impl State {
    /// Where it stands after an event.
    ///
    /// # Errors
    /// [`Refused`] when the event does not fit.
    pub fn next(self, event: Event) -> Result<Self, Refused> {
        match (self, event) {
            (Self::Uninstalled, Event::Install) => Ok(Self::Installed),
            // A package more changes nothing of what runs.
            (Self::Installed | Self::Active | Self::Quarantined | Self::Suspended, Event::Install) => Ok(self),
            (Self::Installed | Self::Active | Self::Quarantined | Self::Suspended, Event::Activate) => Ok(Self::Active),
            (Self::Active | Self::Quarantined | Self::Suspended, Event::RollBack) => Ok(Self::Active),
            (Self::Active, Event::Quarantine) => Ok(Self::Quarantined),
            (Self::Active | Self::Quarantined, Event::Suspend) => Ok(Self::Suspended),
            (Self::Quarantined | Self::Suspended, Event::Resume) => Ok(Self::Active),
            (Self::Installed | Self::Active | Self::Quarantined | Self::Suspended, Event::Uninstall) => Ok(Self::Uninstalled),
            (state, event) => Err(Refused { state, event }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_states_is_the_specification() {
        let mut table = String::new();
        for state in State::ALL {
            for event in Event::ALL {
                let next = state.next(*event).map_or("-", State::as_str);
                table.push_str(&format!("{state} {event} {next}\n"));
            }
        }
        assert_eq!(table, include_str!("state.txt"));
    }
}
