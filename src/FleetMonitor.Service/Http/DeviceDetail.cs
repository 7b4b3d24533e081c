using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Http;

/// <summary>A device with what finance and operators ask next.</summary>
/// <param name="Days">Its metered energy by local day of the running tax period.</param>
/// <param name="Gaps">Of the same days: times for which its energy is not known.</param>
/// <param name="Events">Of the same days: what metering noticed.</param>
internal sealed record DeviceDetail(
    DeviceAnswer Device,
    NameplateAnswer? Nameplate,
    string? FedBy,
    string? Rack,
    string? ImportPermit,
    IReadOnlyList<DeviceDayAnswer> Days,
    IReadOnlyList<GapAnswer> Gaps,
    IReadOnlyList<MeterEventAnswer> Events)
{
    public static DeviceDetail Of((DeviceBooks Books, DeviceNow Now, SiteLevy Site) source, DeviceAnswer answer)
    {
        (DeviceBooks books, DeviceNow now, SiteLevy site) = source;
        Device? listed = books.Fleet.Device(now.Device.Key);
        DayCalendar calendar = DayCalendar.Of((books.Fleet.Site(site.Site) ?? PeriodBooks.Forgotten(site.Site)).TimeZone);
        Instant from = calendar.StartOf(site.Period.FirstDay);
        Instant to = calendar.StartOf(site.Period.End);
        return new DeviceDetail(
            answer,
            listed?.Nameplate is { } plate ? new NameplateAnswer(plate.Power.Watts, plate.HashRate?.TerahashesPerSecond) : null,
            listed?.FedBy,
            listed?.Rack,
            listed?.ImportPermit,
            [
                .. books.Days(now.Device, site.Period.FirstDay, site.Period.End)
                    .Select(day => new DeviceDayAnswer(day.Day, EnergyAnswer.Of(day.Energy))),
            ],
            [.. books.Ledger.GapsOf(now.Device.Id, from, to).Select(gap => new GapAnswer(gap.From, gap.To, ApiJson.Code(gap.Reason)))],
            [
                .. books.Ledger.MeterEventsOf(now.Device.Id, from, to).Select(noticed => new MeterEventAnswer(
                    noticed.At, ApiJson.Code(noticed.Kind), noticed.Before.KilowattHours, noticed.After.KilowattHours)),
            ]);
    }
}

internal sealed record NameplateAnswer(decimal PowerW, decimal? HashrateThs);

internal sealed record DeviceDayAnswer(DateOnly Day, EnergyAnswer Energy);

internal sealed record GapAnswer(Instant From, Instant To, string Reason);

internal sealed record MeterEventAnswer(Instant At, string Kind, decimal BeforeKwh, decimal AfterKwh);
