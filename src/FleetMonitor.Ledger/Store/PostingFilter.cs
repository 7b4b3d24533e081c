namespace FleetMonitor.Ledger.Store;

/// <summary>Which of the chain's postings are wanted; what is absent leaves none out.</summary>
/// <param name="After">The number of the posting after which they begin; zero for the first.</param>
/// <param name="From">First local day of consumption.</param>
/// <param name="To">The day after the last.</param>
/// <param name="Device">Only with a site.</param>
public sealed record PostingFilter(long After = 0, string? Site = null, string? Device = null, DateOnly? From = null, DateOnly? To = null);
