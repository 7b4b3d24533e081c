using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Finance;

/// <summary>What <c>POST /api/v1/levy/periods/{period}/close</c> takes.</summary>
internal sealed record CloseBody(string? Site, string? By, bool Force = false, bool Amend = false, bool DryRun = false);

/// <summary>
/// What <c>POST /api/v1/levy/adjustments</c> takes: either <paramref name="Kwh"/> (which may be of one device) or an
/// <paramref name="Amount"/> of a <paramref name="Charge"/>.
/// </summary>
internal sealed record AdjustmentBody(
    string? Site, DateOnly? Day, string? By, string? Reason, string? Device = null, decimal? Kwh = null, string? Charge = null, decimal? Amount = null)
{
    /// <summary>The posting, or what is missing.</summary>
    public (PostingDraft? Draft, string? Problem) ToDraft(RateSchedule schedule) => Site is null || Day is null
        ? (null, "site and day are needed")
        : Math.Abs(Kwh ?? 0m) > FinanceRequests.MostKilowattHours
        ? (null, string.Create(CultureInfo.InvariantCulture, $"{Kwh} kWh are more than the books can hold: check the figure"))
        : (new PostingDraft
        {
            Kind = PostingKind.Manual,
            Site = Site,
            Device = Device,
            Day = Day.Value,
            // What a person writes in was not measured.
            Energy = Kwh is { } kwh ? EnergyByQuality.Of(EnergyQuality.Estimated, Energy.FromWattHours(kwh * 1000m)) : EnergyByQuality.Zero,
            Charge = Amount is null ? Charge : Charge ?? schedule.Levy.Code,
            Amount = FinanceRequests.Money(schedule, Charge, Amount),
            Reason = Reason,
            By = By,
        }, null);
}

/// <summary>What <c>POST /api/v1/levy/turnover</c> takes.</summary>
internal sealed record TurnoverBody(string? Site, DateOnly? Day, string? By, string? Reason, string? Charge, decimal? Amount)
{
    /// <summary>The posting, or what is missing.</summary>
    public (PostingDraft? Draft, string? Problem) ToDraft(RateSchedule schedule) => Site is null || Day is null || Charge is null
        ? (null, "site, day and charge are needed")
        : (new PostingDraft
        {
            Kind = PostingKind.Turnover,
            Site = Site,
            Day = Day.Value,
            Charge = Charge,
            Amount = FinanceRequests.Money(schedule, Charge, Amount),
            Reason = Reason,
            By = By,
        }, null);
}

internal static class FinanceRequests
{
    /// <summary>Energy is kept in whole microwatt-hours of 64 bits.</summary>
    public const decimal MostKilowattHours = 9_000_000_000m;

    /// <summary>In the charge's currency; for a charge that the schedule does not have, the levy's, so that the missing charge is what is named.</summary>
    public static Money? Money(RateSchedule schedule, string? charge, decimal? amount) => amount is { } value
        ? new Money(value, ((charge is null ? null : schedule.FindCharge(charge)) ?? schedule.Levy).Currency)
        : null;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CloseBody))]
[JsonSerializable(typeof(AdjustmentBody))]
[JsonSerializable(typeof(TurnoverBody))]
internal sealed partial class FinanceBodies : JsonSerializerContext;
