using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

public class TotalsWriterTests
{
    private static readonly Site Ekibastuz = StatedSite("ekibastuz-1");

    [Fact]
    public void Row_AsJson_HasTheContractsFieldsAndEveryDigit()
    {
        DeviceDay[] books = [new(new("ekibastuz-1", "rig-1"), Day("2026-11-21"), Qualities(12000.5m, 340m, 5.178901m))];

        Assert.Equal(
            """
            {"rows":[{"site":"ekibastuz-1","period":"2026-Q4","rate":{"code":"kz-2026-base","perKwh":2,"legalRef":"Tax Code (2026) art. 659(1)"},"energyKwh":12345.678901,"registerKwh":12000.5,"integratedKwh":340,"estimatedKwh":5.178901,"amount":24691.357802,"currency":"KZT"}],"next":null}
            """,
            Json(books, Ekibastuz, "site"));
    }

    [Fact]
    public void UnratedRow_AsJson_HasNoRateAndNoAmountAndSaysWhy()
    {
        Assert.Equal(
            """
            {"rows":[{"site":"ekibastuz-1","period":"2023-Q2","day":"2023-05-01","tenant":null,"device":"rig-1","rate":{"code":"kz-2023-unrated","perKwh":null,"legalRef":"Tax Code (2017) art. 606-3"},"energyKwh":1,"registerKwh":1,"integratedKwh":0,"estimatedKwh":0,"amount":null,"currency":"KZT","unconfirmed":["meterStatus"],"reasons":["average-price-unknown"],"provisional":true}],"next":null}
            """,
            Json(
                [Books("rig-1", "2023-05-01", 1m, site: "ekibastuz-1")],
                Ekibastuz with { ContractPrice = [], MeterStatus = [] },
                "device,tenant,day",
                today: "2023-05-02"));
    }

    [Fact]
    public void Csv_OfHostileNames_IsQuotedAndNoFormula()
    {
        Site site = StatedSite("=1+1").With(Rig("rig, \"A\"", "-acme"));

        using var text = new StringWriter();
        TotalsWriter.WriteCsv(
            text,
            LevyTotals.Compute(
                [Books("rig, \"A\"", "2026-10-01", 0.25m, site: "=1+1")], Only(site), Law, new TotalsQuery { Group = Group("device,tenant") }),
            Group("device,tenant"));

        Assert.Equal(
            "site,period,tenant,device,rateCode,perKwh,legalRef,energyKwh,registerKwh,integratedKwh,estimatedKwh,amount,currency,unconfirmed,provisional\r\n"
            + "'=1+1,2026-Q4,'-acme,\"rig, \"\"A\"\"\",kz-2026-base,2,Tax Code (2026) art. 659(1),0.25,0.25,0,0,0.5,KZT,,no\r\n",
            text.ToString());
    }

    private static string Json(DeviceDay[] books, Site site, string group, string? today = null)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            var query = new TotalsQuery { Group = Group(group), Today = today is null ? null : Day(today) };
            TotalsWriter.WriteJson(json, LevyTotals.Compute(books, Only(site), Law, query), Group(group));
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
