using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Commands;

namespace FleetMonitor.Service.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Key">As in the file, with colons: <c>Metering:MaxGap</c>.</param>
/// <param name="Value">What stands there; null where nothing does, or where it is a secret.</param>
/// <param name="Fix">What is wrong and what to write instead.</param>
public sealed record SettingProblem(string Key, string? Value, string Fix)
{
    public override string ToString() => Value is null ? $"{Key}: {Fix}" : $"{Key} = \"{Value}\": {Fix}";
}

/// <summary>
/// Reads settings one by one and notes everything that is wrong, so that a person sees all of it at once. It also remembers which keys it
/// was asked for: what else stands in the configuration is a slip of the pen, and is named.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private static readonly string[] SecretNames = ["Password", "Token", "Secret", "Sha256", "Key", "Pass", "Pwd"];

    private readonly List<SettingProblem> _problems = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<KeyValuePair<string, string>> _defaults = [];

    public IReadOnlyList<SettingProblem> Problems => _problems;

    /// <summary>Every key that was asked for, with its default as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Defaults => _defaults;

    public string Text(string key, string fallback) => Raw(key, fallback) ?? fallback;

    public string? OptionalText(string key) => Raw(key, "") is { Length: > 0 } text ? text : null;

    public bool Flag(string key, bool fallback) =>
        Read(key, fallback, fallback ? "true" : "false", bool.TryParse, "write true or false");

    public bool? OptionalFlag(string key) => OptionalText(key) switch
    {
        null => null,
        { } text when bool.TryParse(text, out bool value) => value,
        { } text => Wrong<bool?>(key, text, "write true or false, or leave it out", null),
    };

    public int Number(string key, int fallback, int least, int most) => Read(
        key,
        fallback,
        fallback.ToString(CultureInfo.InvariantCulture),
        (string text, out int value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
        string.Create(CultureInfo.InvariantCulture, $"write a whole number from {least} to {most}"));

    /// <summary>Power with its unit, such as <c>5MW</c> or <c>3250 W</c>; a bare number is watts.</summary>
    public Power Power(string key, Power fallback) => Read(
        key,
        fallback,
        string.Create(CultureInfo.InvariantCulture, $"{fallback.Watts / 1_000m:0.###}kW"),
        TryReadPower,
        "write a power such as 5MW, 5000kW or 5000000 (watts)");

    public TimeSpan Duration(string key, TimeSpan fallback, TimeSpan least, TimeSpan most) => Read(
        key,
        fallback,
        Shown(fallback),
        (string text, out TimeSpan value) => DurationText.TryParse(text, out value) && value >= least && value <= most,
        $"write a duration from {Shown(least)} to {Shown(most)}, {DurationText.Forms}");

    public TimeSpan? OptionalDuration(string key, TimeSpan least, TimeSpan most) => OptionalText(key) switch
    {
        null => null,
        { } text when DurationText.TryParse(text, out TimeSpan value) && value >= least && value <= most => value,
        { } text => Wrong<TimeSpan?>(
            key, text, $"write a duration from {Shown(least)} to {Shown(most)}, {DurationText.Forms}, or leave it out", null),
    };

    public T Choice<T>(string key, T fallback, params (string Name, T Value)[] choices)
    {
        string name = choices.First(choice => Equals(choice.Value, fallback)).Name;
        string text = Raw(key, name) ?? name;
        foreach ((string candidate, T value) in choices)
        {
            if (string.Equals(candidate, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return Wrong(key, text, $"write one of {string.Join(", ", choices.Select(choice => choice.Name))}", fallback);
    }

    public TimeZoneInfo Zone(string key, string fallback)
    {
        string text = Raw(key, fallback) ?? fallback;
        return TimeZoneInfo.TryFindSystemTimeZoneById(text, out TimeZoneInfo? zone)
            ? zone
            : Wrong(key, text, $"write an IANA time zone such as {fallback}", TimeZoneInfo.Utc);
    }

    /// <summary>An address of HTTP; null where none is set. One that holds a password is refused, and not repeated.</summary>
    public Uri? OptionalAddress(string key, string fix) => OptionalText(key) switch
    {
        null => null,
        { } text when text.Contains('@') => Wrong<Uri?>(
            key, null, "addresses are logged: leave the user and the password out of it; where there are options of their own for them, write them there", null),
        { } text when Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is ("http" or "https") => url,
        { } text => Wrong<Uri?>(key, text, fix, null),
    };

    /// <summary>A list: <c>key:0</c>, <c>key:1</c>, …</summary>
    public IReadOnlyList<string> List(string key)
    {
        _known.Add(key);
        _defaults.Add(new(key, "[]"));
        var items = new List<string>();
        foreach (IConfigurationSection item in configuration.GetSection(key).GetChildren())
        {
            _known.Add(item.Path);
            if (item.Value is { Length: > 0 } value)
            {
                items.Add(value);
            }
        }

        return items;
    }

    /// <summary>The sections under a key, each to be read by its own path.</summary>
    public IReadOnlyList<string> Sections(string key)
    {
        _known.Add(key);
        _defaults.Add(new(key, "[]"));
        return [.. configuration.GetSection(key).GetChildren().Select(child => child.Path)];
    }

    public void Problem(string key, string? value, string fix) => _problems.Add(new SettingProblem(key, value, fix));

    /// <summary>Names every key that stands in the configuration and that nothing asked for.</summary>
    public void RefuseUnknown()
    {
        foreach ((string key, string? value) in configuration.AsEnumerable())
        {
            if (value is not null && !_known.Contains(key))
            {
                string? shown = MayBeSecret(key) || value.Contains('@') ? null : value;
                Problem(key, shown, Nearest(key) is { } near ? $"there is no such option; did you mean {near}?" : "there is no such option");
            }
        }
    }

    private string? Raw(string key, string shownDefault)
    {
        if (_known.Add(key))
        {
            _defaults.Add(new(key, shownDefault));
        }

        return configuration[key];
    }

    private T Read<T>(string key, T fallback, string shownDefault, TryParse<T> tryParse, string fix)
    {
        string? text = Raw(key, shownDefault);
        return string.IsNullOrEmpty(text) ? fallback : tryParse(text, out T value) ? value : Wrong(key, text, fix, fallback);
    }

    private T Wrong<T>(string key, string? value, string fix, T fallback)
    {
        Problem(key, value, fix);
        return fallback;
    }

    private static bool TryReadPower(string text, out Power power)
    {
        string number = text.TrimEnd('W', 'w', 'k', 'K', 'M', ' ');
        decimal factor = text[number.Length..].Trim() switch
        {
            "" or "W" or "w" => 1m,
            "kW" or "KW" or "kw" => 1_000m,
            "MW" => 1_000_000m,
            _ => 0m,
        };
        bool isPower = decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            && value * factor is > 0m and <= 1_000_000_000m;
        power = isPower ? FleetMonitor.Fleet.Units.Power.FromWatts(value * factor) : default;
        return isPower;
    }

    /// <summary>A misspelt key may still hold what its neighbour would: what is reported is also logged.</summary>
    private static bool MayBeSecret(string key)
    {
        string name = key[(key.LastIndexOf(':') + 1)..];
        return SecretNames.Any(secret => name.Contains(secret, StringComparison.OrdinalIgnoreCase) || Distance(secret, name) <= 2);
    }

    private string? Nearest(string key) => _known
        .Select(known => (Known: known, Distance: Distance(known, key)))
        .Where(candidate => candidate.Distance <= Math.Max(2, key.Length / 5))
        .OrderBy(candidate => candidate.Distance)
        .Select(candidate => candidate.Known)
        .FirstOrDefault();

    /// <summary>Letters to change, add or leave out to come from one to the other.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int cost = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }

        return row[^1];
    }

    private static string Shown(TimeSpan span) =>
        span.TotalSeconds < 1 && span > TimeSpan.Zero ? $"{span.TotalMilliseconds:0}ms" : span.ToString("c", CultureInfo.InvariantCulture);

    private delegate bool TryParse<T>(string text, out T value);
}
