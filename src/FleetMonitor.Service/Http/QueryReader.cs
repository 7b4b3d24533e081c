using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary>Reads a query string and notes everything that is wrong with it, so that the caller sees all of it at once.</summary>
internal sealed class QueryReader(IQueryCollection query)
{
    private static readonly string[] Moments = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK", "yyyy-MM-dd'T'HH:mmK"];

    private readonly List<ParameterProblem> _problems = [];

    /// <summary>The answer to a query that will not do; null where it will.</summary>
    public ProblemHttpResult? Refusal => _problems.Count == 0 ? null : TypedResults.Problem(
        string.Join(' ', _problems.Select(problem => $"{problem.Parameter} = \"{problem.Value}\": {problem.Fix}.")),
        statusCode: StatusCodes.Status400BadRequest,
        title: "The query will not do.",
        extensions: new Dictionary<string, object?> { ["errors"] = _problems });

    public string? Text(string name) => query.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 } text ? text : null;

    public DateOnly? Date(string name) => Text(name) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day
        : Wrong<DateOnly?>(name, "write a date such as 2026-11-21");

    public Instant? Moment(string name) => Text(name) is not { } text ? null
        : DateTimeOffset.TryParseExact(text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) ? Instant.From(at)
        : Wrong<Instant?>(name, "write a time such as 2026-11-21T10:00:00Z, or a date (UTC)");

    public int Number(string name, int fallback, int least, int most) => Text(name) is not { } text ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number
        : Wrong(name, string.Create(CultureInfo.InvariantCulture, $"write a whole number from {least} to {most}"), fallback);

    public bool? Flag(string name) => Text(name) is not { } text ? null
        : bool.TryParse(text, out bool flag) ? flag
        : Wrong<bool?>(name, "write true or false");

    public TotalsGroup Group(string name) => TotalsGroups.TryParse(Text(name), out TotalsGroup group, out string? unknown)
        ? group
        : Wrong(name, $"{unknown} is not known; write any of site,device,tenant,day,rate", TotalsGroup.None);

    public string? OneOf(string name, params ReadOnlySpan<string> choices) => Text(name) is not { } text ? null
        : choices.Contains(text) ? text
        : Wrong<string?>(name, $"write one of {string.Join(", ", choices!)}");

    /// <summary>Where the page before ended, as <see cref="Cursor"/> wrote it.</summary>
    public string? After(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(Base64(text), bytes, out int length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : Wrong<string?>(name, "write what the page before gave as next");
    }

    /// <summary>A place in a list, in letters that need no escaping in an address.</summary>
    public static string Cursor(string place) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(place)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public void RefuseUnknown(IReadOnlyList<QueryParameter> known)
    {
        foreach (string name in query.Keys.Where(name => known.All(parameter => parameter.Name != name)))
        {
            Wrong(name, known.Count == 0
                ? "no parameters are taken here"
                : $"there is no such parameter; there are {string.Join(", ", known.Select(parameter => parameter.Name))}");
        }
    }

    public T Wrong<T>(string name, string fix, T fallback = default!)
    {
        Wrong(name, fix);
        return fallback;
    }

    public void Wrong(string name, string fix) => _problems.Add(new ParameterProblem(name, query[name].ToString(), fix));

    private static string Base64(string text) =>
        text.Replace('-', '+').Replace('_', '/') + new string('=', (4 - (text.Length % 4)) % 4);
}

/// <param name="Value">What was sent.</param>
/// <param name="Fix">What to send instead.</param>
internal sealed record ParameterProblem(string Parameter, string Value, string Fix);
