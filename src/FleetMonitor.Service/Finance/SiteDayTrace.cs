using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;

namespace FleetMonitor.Service.Finance;

/// <summary>The way down from a site's local day: what each device adds to it, and what named persons decided about it, of a device or the whole site.</summary>
internal sealed class SiteDayTrace(BooksView books, Site site, DateOnly day)
{
    public void Write(Utf8JsonWriter json)
    {
        DayCalendar calendar = DayCalendar.Of(site.TimeZone);
        json.WriteStartObject();
        json.WriteString("site", site.Id);
        json.WriteString("day", PeriodJson.Day(day));
        json.WriteString("period", TaxPeriod.Of(day).ToString());
        json.WriteString("from", calendar.StartOf(day).ToString());
        json.WriteString("to", calendar.StartOf(day.AddDays(1)).ToString());
        json.WriteStartArray("decisions");
        foreach (Posting posting in books.Ledger.PostingsByHand(site.Id, day, day.AddDays(1)))
        {
            PeriodJson.WritePosting(json, posting);
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (TotalsRow row in books.Totals(new TotalsQuery { From = day, To = day.AddDays(1), Group = TotalsGroup.Device }, site.Id))
        {
            TotalsWriter.WriteRow(json, row, TotalsGroup.Device);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
