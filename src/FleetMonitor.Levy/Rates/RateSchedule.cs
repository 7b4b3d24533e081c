using System.Security.Cryptography;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;

namespace FleetMonitor.Levy;

/// <summary>The charges of a country with their dated rates, as the file in <c>config/levy</c> states them.</summary>
public sealed class RateSchedule
{
    private const string EmbeddedName = "kazakhstan.json";

    private static readonly Lazy<RateSchedule> Embedded = new(LoadEmbedded);

    internal RateSchedule(string code, BilingualText name, WorkCalendar calendar, IReadOnlyList<Requirement> requirements, IReadOnlyList<Charge> charges, ReadOnlyMemory<byte> source)
    {
        Code = code;
        Name = name;
        Calendar = calendar;
        Requirements = requirements;
        Charges = charges;
        Source = source;
        SourceHash = Convert.ToHexStringLower(SHA256.HashData(source.Span));
        Levy = charges.First(charge => charge.Basis != ChargeBasis.Revenue);
    }

    /// <summary>The default: the same file as <c>config/levy/kazakhstan.json</c>.</summary>
    public static RateSchedule Kazakhstan => Embedded.Value;

    public string Code { get; }

    public BilingualText Name { get; }

    public WorkCalendar Calendar { get; }

    /// <summary>What a site has to have on file, by date.</summary>
    public IReadOnlyList<Requirement> Requirements { get; }

    public IReadOnlyList<Charge> Charges { get; }

    /// <summary>The charge that totals and statements are about: the first one on energy.</summary>
    public Charge Levy { get; }

    /// <summary>The file's bytes, so that what is filed by it can be frozen with it.</summary>
    public ReadOnlyMemory<byte> Source { get; }

    /// <summary>SHA-256 of the file's text, lower-case hex, so that a statement can name the rates it was made with.</summary>
    public string SourceHash { get; }

    /// <param name="utf8">The file's bytes; never throws for any.</param>
    /// <param name="source">The file's name, for the problems.</param>
    /// <returns>The schedule, or every problem at once.</returns>
    public static Parsed<RateSchedule> Parse(ReadOnlyMemory<byte> utf8, string source) =>
        ScheduleReader.Read(utf8, source);

    /// <summary>The rate of the levy for a site's energy on a local day.</summary>
    /// <param name="averagePrice">
    /// Of the tax period that holds the day, money per kWh (<see cref="AveragePrice"/>); null where not known. Only price bands ask for it.
    /// </param>
    public RateLine Rate(Site site, DateOnly day, decimal? averagePrice = null, string? tenant = null) =>
        Rating.Rate(Levy, Levy.RegimeOn(day), RateFacts.Of(site, day, tenant), averagePrice);

    /// <summary>The rate of a charge on turnover, as a share; turnover has no selectors.</summary>
    public RateRule TurnoverRate(Charge charge, DateOnly day) =>
        charge.RegimeOn(day).Rules.Single(rule => rule.Role == RuleRole.Base);

    public Charge? FindCharge(string code) => Charges.FirstOrDefault(charge => charge.Code == code);

    private static RateSchedule LoadEmbedded()
    {
        using Stream stream = typeof(RateSchedule).Assembly.GetManifestResourceStream(EmbeddedName)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        Parsed<RateSchedule> parsed = Parse(copy.ToArray(), EmbeddedName);
        return parsed.Value ?? throw new InvalidOperationException(string.Join(Environment.NewLine, parsed.Problems));
    }
}
