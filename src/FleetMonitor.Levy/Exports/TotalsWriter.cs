using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>Totals as the API and the commands print them: one shape, so that scripts read both alike.</summary>
public static class TotalsWriter
{
    /// <summary><c>{"rows":[…],"next":null}</c>.</summary>
    /// <param name="next">Where the next page starts; null after the last.</param>
    public static void WriteJson(Utf8JsonWriter json, IEnumerable<TotalsRow> rows, TotalsGroup group, string? next = null)
    {
        json.WriteStartObject();
        json.WriteStartArray("rows");
        foreach (TotalsRow row in rows)
        {
            WriteRow(json, row, group);
        }

        json.WriteEndArray();
        json.WriteString("next", next);
        json.WriteEndObject();
    }

    public static void WriteRow(Utf8JsonWriter json, TotalsRow row, TotalsGroup group)
    {
        json.WriteStartObject();
        json.WriteString("site", row.Site);
        json.WriteString("period", row.Period.ToString());
        if (row.Day is { } day)
        {
            json.WriteString("day", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }

        if (group.HasFlag(TotalsGroup.Tenant))
        {
            json.WriteString("tenant", row.Tenant);
        }

        if (group.HasFlag(TotalsGroup.Device))
        {
            json.WriteString("device", row.Device);
        }

        json.WriteStartObject("rate");
        json.WriteString("code", row.RateCode);
        json.WriteExact("perKwh", row.PerKwh);
        json.WriteString("legalRef", row.LegalRef);
        json.WriteEndObject();
        json.WriteExact("energyKwh", row.Energy.Total.KilowattHours);
        json.WriteExact("registerKwh", row.Energy.Register.KilowattHours);
        json.WriteExact("integratedKwh", row.Energy.Integrated.KilowattHours);
        json.WriteExact("estimatedKwh", row.Energy.Estimated.KilowattHours);
        if (row.ByHand is { } byHand)
        {
            json.WriteExact("manualKwh", byHand.KilowattHours);
        }

        json.WriteExact("amount", row.Amount?.Amount);
        json.WriteString("currency", row.Currency);
        WriteTexts(json, "unconfirmed", row.Unconfirmed);
        if (row.PerKwh is null)
        {
            WriteTexts(json, "reasons", row.Reasons);
        }

        if (row.Provisional)
        {
            json.WriteBoolean("provisional", true);
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// RFC 4180, with the columns of what totals are split by; text cells are safe to open in a spreadsheet. Where any energy was entered by hand,
    /// a last column has it.
    /// </summary>
    public static void WriteCsv(TextWriter output, IReadOnlyCollection<TotalsRow> rows, TotalsGroup group)
    {
        bool byHand = rows.Any(row => row.ByHand is not null);
        var csv = new CsvWriter(output);
        csv.Text("site").Text("period");
        WriteSplit(csv, group, "day", "tenant", "device");
        csv.Text("rateCode").Text("perKwh").Text("legalRef").Text("energyKwh").Text("registerKwh").Text("integratedKwh")
            .Text("estimatedKwh").Text("amount").Text("currency").Text("unconfirmed").Text("provisional");
        if (byHand)
        {
            csv.Text("manualKwh");
        }

        csv.EndRow();
        foreach (TotalsRow row in rows)
        {
            csv.Text(row.Site).Text(row.Period.ToString());
            WriteSplit(csv, group, row.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), row.Tenant, row.Device);
            csv.Text(row.RateCode).Number(row.PerKwh).Text(row.LegalRef)
                .Number(row.Energy.Total.KilowattHours).Number(row.Energy.Register.KilowattHours)
                .Number(row.Energy.Integrated.KilowattHours).Number(row.Energy.Estimated.KilowattHours)
                .Number(row.Amount?.Amount).Text(row.Currency).Text(string.Join(' ', row.Unconfirmed))
                .Text(row.Provisional ? "yes" : "no");
            if (byHand)
            {
                csv.Number(row.ByHand?.KilowattHours);
            }

            csv.EndRow();
        }
    }

    private static void WriteSplit(CsvWriter csv, TotalsGroup group, string? day, string? tenant, string? device)
    {
        if (group.HasFlag(TotalsGroup.Day))
        {
            csv.Text(day);
        }

        if (group.HasFlag(TotalsGroup.Tenant))
        {
            csv.Text(tenant);
        }

        if (group.HasFlag(TotalsGroup.Device))
        {
            csv.Text(device);
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}

/// <summary>Exact decimals in JSON: every digit that counts and none that does not, or null.</summary>
internal static class ExactJson
{
    public static void WriteExact(this Utf8JsonWriter json, string name, decimal? value)
    {
        json.WritePropertyName(name);
        if (value is { } number)
        {
            json.WriteRawValue(Encoding.ASCII.GetBytes(Money.Text(number)), skipInputValidation: true);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
