using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Ledger.Store;

/// <summary>Which anomalies are asked for; what is null does not matter.</summary>
public sealed record AnomalyFilter
{
    /// <summary>True: what has not cleared; false: what has.</summary>
    public bool? Active { get; init; }

    public string? Site { get; init; }

    public string? Device { get; init; }

    public string? Kind { get; init; }

    public string? Severity { get; init; }

    /// <summary>Only those that this one stands for.</summary>
    public string? Cause { get; init; }

    /// <summary>True: also those that another one stands for.</summary>
    public bool Members { get; init; }

    public bool? Acknowledged { get; init; }

    /// <summary>Muted at <see cref="Now"/>, or not.</summary>
    public bool? Muted { get; init; }

    public Instant Now { get; init; }

    /// <summary>Raised then or later.</summary>
    public Instant? From { get; init; }

    /// <summary>Raised before then.</summary>
    public Instant? To { get; init; }

    internal (string Where, object?[] Values) Where((Instant Raised, string Id)? after)
    {
        var values = new List<object?>();
        var conditions = new List<string>();
        if (Active is { } active)
        {
            conditions.Add(active ? "cleared IS NULL" : "cleared IS NOT NULL");
        }

        Is("site", Site);
        Is("device", Device);
        Is("kind", Kind);
        Is("severity", Severity);
        Is("cause", Cause);
        if (Cause is null && !Members)
        {
            conditions.Add("cause IS NULL");
        }

        if (Acknowledged is { } acknowledged)
        {
            conditions.Add($"json_extract(json, '$.acknowledged.by') IS {(acknowledged ? "NOT " : "")}NULL");
        }

        if (Muted is { } muted)
        {
            conditions.Add($"coalesce(json_extract(json, '$.muted.until') > {Value(Now.ToString())}, 0) = {(muted ? 1 : 0)}");
        }

        if (From is { } from)
        {
            conditions.Add($"raised >= {Value(from.UnixMilliseconds)}");
        }

        if (To is { } to)
        {
            conditions.Add($"raised < {Value(to.UnixMilliseconds)}");
        }

        if (after is var (raised, id))
        {
            string place = Value(raised.UnixMilliseconds);
            conditions.Add($"(raised < {place} OR (raised = {place} AND id > {Value(id)}))");
        }

        return (conditions.Count == 0 ? string.Empty : "WHERE " + string.Join(" AND ", conditions), [.. values]);

        void Is(string column, string? value)
        {
            if (value is not null)
            {
                conditions.Add($"{column} = {Value(value)}");
            }
        }

        string Value(object value)
        {
            values.Add(value);
            return string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
        }
    }
}
