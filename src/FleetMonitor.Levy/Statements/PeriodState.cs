namespace FleetMonitor.Levy;

public enum PeriodState
{
    /// <summary>The period lasts.</summary>
    Open,

    /// <summary>The period is over, but nobody closed it yet.</summary>
    Provisional,

    /// <summary>Its statement is frozen.</summary>
    Closed,

    /// <summary>Closed, and what is known now differs from what was filed.</summary>
    Amended,
}

/// <summary>Why a period is not closed.</summary>
public enum CloseRefusal
{
    /// <summary>The period lasts, and the person did not say to close it all the same.</summary>
    NotOver,

    AlreadyClosed,

    /// <summary>Nobody is named who closes it.</summary>
    NameMissing,

    /// <summary>Readings of the period may still be on their way, and the person did not say to close it all the same.</summary>
    StillSettling,

    /// <summary>An amended return was asked for, and there is no statement that it could amend.</summary>
    NotClosed,

    /// <summary>An amended return was asked for, and nothing differs from what was filed.</summary>
    NothingToAmend,

    /// <summary>The fleet does not have that site.</summary>
    UnknownSite,

    /// <summary>Neither the clock nor any reading has come to the period's first day.</summary>
    NotBegun,

    /// <summary>The name of who closes it will not do on what is filed.</summary>
    NameUnfit,
}

public static class PeriodStates
{
    /// <param name="today">The site's local date.</param>
    /// <param name="filed">Whether a statement was closed.</param>
    /// <param name="amended">Whether <see cref="Amendment.Between"/> finds a difference, or one was made before.</param>
    public static PeriodState Of(TaxPeriod period, DateOnly today, bool filed, bool amended) =>
        filed ? (amended ? PeriodState.Amended : PeriodState.Closed)
        : today < period.End ? PeriodState.Open
        : PeriodState.Provisional;

    /// <param name="settling">Whether readings of the period are still in a reorder window or a queue.</param>
    /// <param name="force">Whether the person said to close it although they are, or although the period lasts.</param>
    /// <returns>Null where it may be closed.</returns>
    public static CloseRefusal? RefusalToClose(TaxPeriod period, DateOnly today, bool filed, bool settling, bool force, string? by) =>
        filed ? CloseRefusal.AlreadyClosed
        : today < period.End && !force ? CloseRefusal.NotOver
        : string.IsNullOrWhiteSpace(by) ? CloseRefusal.NameMissing
        : settling && !force ? CloseRefusal.StillSettling
        : null;
}
