using System.Globalization;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Finance;

/// <summary>
/// Makes statements and amendments again, from the postings that they rest on and the fleet file and rate schedule that were frozen with them,
/// and compares them with what was filed.
/// <code>
///   postings up to the head ─┬─▶ energy by day ─┐
///   fleet file, as frozen ───┘                  ├─▶ rated ─▶ lines ═?═ as filed
///   rate schedule, as frozen ───────────────────┘
/// </code>
/// </summary>
internal sealed class FiledAgain(LedgerReader ledger)
{
    private readonly FiledInputs _inputs = new(ledger);

    public int Rated { get; private set; }

    /// <summary>Filed before fleet files were frozen with statements.</summary>
    public int WithoutFacts { get; private set; }

    /// <param name="filings">Of one site and period, in order.</param>
    /// <returns>The first thing that is off; null where nothing is.</returns>
    public string? Fault(IReadOnlyList<Filing> filings)
    {
        Statement filed = StatementReader.ReadStatement(filings[0].Content);
        if (filed.Format < 2)
        {
            WithoutFacts += filings.Count;
            return null;
        }

        if (StatementFault(filings[0], filed) is { } fault)
        {
            return fault;
        }

        var earlier = new List<Amendment>();
        foreach (Filing filing in filings.Skip(1))
        {
            Amendment amendment = StatementReader.ReadAmendment(filing.Content);
            if (AmendmentFault(filing, filed, earlier, amendment) is { } off)
            {
                return off;
            }

            earlier.Add(amendment);
        }

        return null;
    }

    private string? StatementFault(Filing filing, Statement filed)
    {
        (Statement? again, string? fault) = Again(filed, filed.ScheduleHash, filed.FleetHash, filed.Head);
        if (again is null)
        {
            return $"{Name(filing)}: {fault}";
        }

        again = again with { Format = filed.Format, Closing = filed.Closing };
        if (StatementJson.Write(again).AsSpan().SequenceEqual(filing.Content))
        {
            Rated++;
            return null;
        }

        foreach ((string key, string was, string now) in Lines(filed).FullJoin(Lines(again)))
        {
            if (was != now)
            {
                return $"{Name(filing)}: {key} was filed as {was}; its postings, facts and rates give {now}";
            }
        }

        return $"{Name(filing)} is not what its postings, facts and rates give";
    }

    private string? AmendmentFault(Filing filing, Statement filed, IReadOnlyList<Amendment> earlier, Amendment amendment)
    {
        if (amendment.ScheduleHash is null)
        {
            WithoutFacts++;
            return null;
        }

        (Statement? now, string? fault) = Again(filed, amendment.ScheduleHash, amendment.FleetHash, amendment.Head);
        if (now is null)
        {
            return $"{Name(filing)}: {fault}";
        }

        Amendment? again = Amendment.Between(filed, earlier, now);
        if (again is null || !StatementJson.Write(again with { Format = amendment.Format, Closing = amendment.Closing }).AsSpan().SequenceEqual(filing.Content))
        {
            return $"{Name(filing)} is not the difference that its postings, facts and rates give";
        }

        Rated++;
        return null;
    }

    private (Statement? Statement, string? Fault) Again(Statement filed, string scheduleHash, string? fleetHash, PostingHead head)
    {
        (StatementInputs? inputs, string? fault) = _inputs.Of(filed, scheduleHash, fleetHash, head);
        return (inputs is null ? null : StatementDraft.Make(inputs), fault);
    }

    private static Dictionary<string, string> Lines(Statement statement) => statement.Lines.ToDictionary(
        line => string.Create(CultureInfo.InvariantCulture, $"{line.Charge} {line.Code} at {line.Rate}"),
        line => $"{line.Energy.Total}, {(line.Amount is { } amount ? amount.ToString() : "unrated")}");

    private static string Name(Filing filing) =>
        string.Create(CultureInfo.InvariantCulture, $"{filing.Site} {filing.Period} number {filing.Number}");
}

file static class Joining
{
    /// <summary>What two tables have under each key; <c>nothing</c> where one has none.</summary>
    public static IEnumerable<(string Key, string Left, string Right)> FullJoin(this Dictionary<string, string> left, Dictionary<string, string> right) =>
        left.Keys.Union(right.Keys).Select(key => (key, left.GetValueOrDefault(key, "nothing"), right.GetValueOrDefault(key, "nothing")));
}
