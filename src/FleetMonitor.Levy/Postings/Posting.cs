using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

public enum PostingKind : byte
{
    /// <summary>Energy metered, in a period not yet closed.</summary>
    Accrual = 1,

    /// <summary>Energy that became known after the close of its period.</summary>
    Adjustment = 2,

    /// <summary>A correction of energy or money that a named person made, with the reason.</summary>
    Manual = 3,

    /// <summary>Turnover that a named person entered, for a charge on revenue.</summary>
    Turnover = 4,
}

/// <summary>What is to be posted, before it has its place in the chain.</summary>
public sealed record PostingDraft
{
    public required PostingKind Kind { get; init; }

    public required string Site { get; init; }

    /// <summary>Null for what concerns the site as a whole.</summary>
    public string? Device { get; init; }

    /// <summary>The local day of consumption (or of turnover): it stays that day however late the posting is.</summary>
    public required DateOnly Day { get; init; }

    public TaxPeriod Period => TaxPeriod.Of(Day);

    /// <summary>The change: what was posted before plus this is what is true now.</summary>
    public EnergyByQuality Energy { get; init; }

    /// <summary>The charge that turnover or a manual amount is for.</summary>
    public string? Charge { get; init; }

    /// <summary>Turnover; or a manual correction of the charge itself. Null where energy is rated by the schedule.</summary>
    public Money? Amount { get; init; }

    public string? Reason { get; init; }

    /// <summary>The person who decided; null for what metering posts by itself.</summary>
    public string? By { get; init; }

    /// <summary>What keeps this from being posted, in words for the person who tries; empty where nothing does.</summary>
    public IReadOnlyList<string> Problems(RateSchedule schedule)
    {
        var problems = new List<string>();
        if (Kind != PostingKind.Accrual && EntryText.ReasonProblem(Reason) is { } reason)
        {
            problems.Add(reason);
        }

        if (Kind is PostingKind.Manual or PostingKind.Turnover && EntryText.NameProblem(By) is { } name)
        {
            problems.Add(name);
        }

        Charge? charge = Charge is null ? null : schedule.FindCharge(Charge);
        if (Charge is not null && charge is null)
        {
            problems.Add($"'{Charge}' is no charge of the schedule {schedule.Code}");
        }

        if (Kind is PostingKind.Accrual or PostingKind.Adjustment && (Amount is not null || Charge is not null))
        {
            problems.Add("metered energy is rated by the schedule; it carries no amount of its own");
        }

        if (Kind == PostingKind.Turnover && (charge is { Basis: not ChargeBasis.Revenue } || Charge is null || Amount is null || Energy != default))
        {
            problems.Add("turnover is an amount for a charge on revenue, without energy");
        }

        if (Kind == PostingKind.Manual && (Amount is null) == (Energy == default))
        {
            problems.Add("a manual adjustment changes either energy or an amount");
        }

        if (Kind == PostingKind.Manual && (Amount is null) != (Charge is null))
        {
            problems.Add("a manual amount names its charge; manual energy does not");
        }

        if (Amount is { Amount: 0m } && Kind == PostingKind.Manual)
        {
            problems.Add("an amount of nothing changes nothing");
        }

        if (Amount is { } amount && charge is not null && amount.Currency != charge.Currency)
        {
            problems.Add($"the charge {charge.Code} is in {charge.Currency}, not {amount.Currency}");
        }

        return problems;
    }
}

/// <summary>An immutable entry of the books, chained to the one before it by hash. Corrections are further postings.</summary>
/// <param name="Seq">1 for the first, without gaps.</param>
/// <param name="PrevHash">SHA-256 of the posting before, lower-case hex; <see cref="PostingHead.Genesis"/>'s for the first.</param>
/// <param name="Hash">SHA-256 of <see cref="PostingChain.Encode"/>, lower-case hex.</param>
public sealed record Posting(long Seq, PostingDraft Entry, Instant PostedAt, string PrevHash, string Hash);

/// <summary>How far a chain goes: kept in statements, the log and a separate file, it shows a rewritten or shortened chain.</summary>
/// <param name="Count">How many postings there are; the last one's number.</param>
/// <param name="Hash">The last one's hash.</param>
public sealed record PostingHead(long Count, string Hash)
{
    public static readonly PostingHead Genesis = new(0, new string('0', 64));

    public static PostingHead Of(Posting posting) => new(posting.Seq, posting.Hash);
}
