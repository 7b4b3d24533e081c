using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Books;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Finance;

/// <summary>
/// The way down from a figure: of one device and local day its books, its rate, its postings, and what they rest on — gaps, events, readings
/// that came too late, sessions in which messages may have been lost, the kept readings themselves, and the hours of those that were let go.
/// </summary>
/// <param name="books">A view of the ledger.</param>
/// <param name="kept">The device's kept readings in order, from before the day on.</param>
internal sealed class DeviceDayTrace(BooksView books, Site site, DeviceKey key, DateOnly day, IEnumerable<Reading> kept)
{
    private readonly Instant _from = DayCalendar.Of(site.TimeZone).StartOf(day);
    private readonly Instant _to = DayCalendar.Of(site.TimeZone).StartOf(day.AddDays(1));

    public void Write(Utf8JsonWriter json, bool withReadings)
    {
        json.WriteStartObject();
        json.WriteString("site", key.Site);
        json.WriteString("device", key.Device);
        json.WriteString("day", PeriodJson.Day(day));
        json.WriteString("period", TaxPeriod.Of(day).ToString());
        json.WriteString("from", _from.ToString());
        json.WriteString("to", _to.ToString());
        json.WriteString("counts", Billing.ClassOf(site, key.Device) == Billing.Billed(site) ? "billed" : "not-billed");
        json.WriteString("tenant", Billing.TenantOf(site, key.Device, day));
        json.WriteString("rate", books.Schedule.Rate(site, day).Code);
        Energy(json, "books", books.DeviceDays(day, day.AddDays(1), key.Site).Where(row => row.Key == key)
            .Aggregate(EnergyByQuality.Zero, (sum, row) => sum + row.Energy));
        Energy(json, "posted", books.Ledger.Posted(key, day));
        Rows(json, "postings", books.Ledger.Postings(key, day), PeriodJson.WritePosting);
        Rows(json, "gaps", books.Ledger.Gaps(key.Site, _from, _to).Where(gap => gap.Key == key), Write);
        Rows(json, "events", books.Ledger.MeterEvents(key.Site, _from, _to).Where(row => row.Key == key), Write);
        Rows(json, "lateReadings", books.Ledger.LateReadings(key, _from, _to), (writer, late) => Write(writer, late.Reading, late.ReceivedAt));
        Rows(json, "sessionGaps", books.Ledger.SessionGaps().Where(gap => gap.To > _from && gap.From < _to), Write);
        Rows(json, "hours", books.Hours(key, day), (writer, hour) => Write(writer, hour, _from));
        Reading[] readings = [.. Readings()];
        json.WriteNumber("readings", readings.Length);
        if (withReadings)
        {
            Rows(json, "readingRows", readings, (writer, reading) => Write(writer, reading, null));
        }

        json.WriteEndObject();
    }

    /// <summary>The kept readings of the day, and the last one before it and the first one after: the day's first and last interval rest on them.</summary>
    private IEnumerable<Reading> Readings()
    {
        Reading? before = null;
        foreach (Reading reading in kept)
        {
            if (reading.At < _from)
            {
                before = reading;
                continue;
            }

            if (before is { } last)
            {
                yield return last;
                before = null;
            }

            yield return reading;
            if (reading.At >= _to)
            {
                yield break;
            }
        }
    }

    private static void Energy(Utf8JsonWriter json, string name, EnergyByQuality energy)
    {
        json.WriteStartObject(name);
        PeriodJson.WriteEnergy(json, energy);
        json.WriteEndObject();
    }

    private static void Rows<T>(Utf8JsonWriter json, string name, IEnumerable<T> rows, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (T row in rows)
        {
            write(json, row);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, GapRow row)
    {
        json.WriteStartObject();
        json.WriteString("from", row.Gap.From.ToString());
        json.WriteString("to", row.Gap.To.ToString());
        json.WriteString("reason", row.Gap.Reason == GapReason.NoPower ? "no-power" : "register-unusable");
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MeterEventRow row)
    {
        json.WriteStartObject();
        json.WriteString("at", row.Event.At.ToString());
        json.WriteString("kind", Http.ApiJson.Code(row.Event.Kind));
        PeriodJson.WriteExact(json, "beforeKwh", row.Event.Before.KilowattHours);
        PeriodJson.WriteExact(json, "afterKwh", row.Event.After.KilowattHours);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SessionGap gap)
    {
        json.WriteStartObject();
        json.WriteString("source", gap.Source);
        json.WriteString("from", gap.From.ToString());
        json.WriteString("to", gap.To.ToString());
        json.WriteString("detail", gap.Detail);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DeviceHour hour, Instant day)
    {
        json.WriteStartObject();
        json.WriteString("from", day.Plus(TimeSpan.FromHours(hour.Hour)).ToString());
        if (hour.RegisterAt is { } at)
        {
            json.WriteString("registerAt", at.ToString());
            PeriodJson.WriteExact(json, "registerStandKwh", hour.Register.KilowattHours);
        }

        PeriodJson.WriteEnergy(json, hour.Energy);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Reading reading, Instant? receivedAt)
    {
        json.WriteStartObject();
        json.WriteString("at", reading.At.ToString());
        if (receivedAt is { } received)
        {
            json.WriteString("receivedAt", received.ToString());
        }

        if (reading.HasPower)
        {
            PeriodJson.WriteExact(json, "powerW", reading.Power.Watts);
        }

        if (reading.HasRegister)
        {
            PeriodJson.WriteExact(json, "registerKwh", reading.Register.KilowattHours);
        }

        json.WriteEndObject();
    }
}
