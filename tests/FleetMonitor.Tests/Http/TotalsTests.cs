using System.Net;
using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class TotalsTests
{
    [Fact]
    public async Task Totals_Ungrouped_AreOneRowASiteAsTheContractHasIt()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service, "ekibastuz-1");

        JsonElement totals = await service.GetAsync("/api/v1/levy/totals");

        Assert.Equal(
            """
            {"rows":[{"site":"ekibastuz-1","period":"2026-Q4","rate":{"code":"kz-2026-base","perKwh":2,"legalRef":"Tax Code (2026) art. 659(1)"},
            "energyKwh":2.2,"registerKwh":2,"integratedKwh":0.2,"estimatedKwh":0,"amount":4.4,"currency":"KZT",
            "unconfirmed":["energySource","licence","meterStatus"]}],"next":null}
            """.ReplaceLineEndings(""),
            totals.GetRawText());
    }

    [Fact]
    public async Task Totals_EveryGroup_AreWhatTheCommandPrints()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        string answer = (await service.GetAsync("/api/v1/levy/totals?group=device,day,tenant")).GetRawText();

        const TotalsGroup Group = TotalsGroup.Device | TotalsGroup.Day | TotalsGroup.Tenant;
        using BooksView books = BooksView.OpenReadOnly(service.Settings, service.Files, Instant.From(service.Time.Now));
        using var printed = new MemoryStream();
        await using (var json = new Utf8JsonWriter(printed))
        {
            TotalsWriter.WriteJson(json, books.Totals(new TotalsQuery { Group = Group }, site: null), Group);
        }

        Assert.Equal(Encoding.UTF8.GetString(printed.ToArray()), answer);
    }

    [Theory]
    [InlineData("from=2026-11-21&to=2026-11-22", 1)]
    [InlineData("from=2026-11-22", 0)]
    [InlineData("to=2026-11-21", 0)]
    [InlineData("from=0001-01-01&to=9999-12-31", 1)]
    [InlineData("from=9999-12-31", 0)]
    [InlineData("to=0001-01-01", 0)]
    [InlineData("site=north", 1)]
    [InlineData("site=south", 0)]
    public async Task Totals_OfDaysAndSites_HoldOnlyThose(string query, int rows)
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        JsonElement totals = await service.GetAsync($"/api/v1/levy/totals?{query}");

        Assert.Equal(rows, totals.GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task Totals_PageByPage_AreTheWhole()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        JsonElement first = await service.GetAsync("/api/v1/levy/totals?group=device&limit=1");
        JsonElement second = await service.GetAsync($"/api/v1/levy/totals?group=device&limit=1&after={first.GetProperty("next").GetString()}");

        Assert.Equal("rig-1", first.GetProperty("rows")[0].GetProperty("device").GetString());
        Assert.Equal("rig-2", second.GetProperty("rows")[0].GetProperty("device").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Totals_AcceptedAsCsv_AreCsvWithALinkToTheNextPage()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/levy/totals?group=device&limit=1", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/csv");

        using HttpResponseMessage response = await service.Http.SendAsync(request);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");

        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "site,period,device,rateCode,perKwh,legalRef,energyKwh,registerKwh,integratedKwh,estimatedKwh,amount,currency,unconfirmed,provisional",
            lines[0]);
        Assert.StartsWith("north,2026-Q4,rig-1,kz-2026-base,2,", lines[1], StringComparison.Ordinal);
        Assert.Contains("rel=\"next\"", response.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("from=21.11.2026", "from", "write a date such as 2026-11-21")]
    [InlineData("group=rigs", "group", "rigs is not known")]
    [InlineData("limit=0", "limit", "write a whole number from 1 to 100000")]
    [InlineData("form=2026-11-21", "form", "there is no such parameter")]
    [InlineData("from=2026-11-22&to=2026-11-21", "to", "write a day that is not before from")]
    [InlineData("after=nonsense!", "after", "write what the page before gave as next")]
    [InlineData("after=bm9uZQ", "after", "begin again without after")]
    public async Task Totals_AskedForWrongly_SayWhatAndHow(string query, string parameter, string fix)
    {
        await using RunningService service = await RunningService.StartAsync();

        JsonElement problem = await service.ProblemAsync(HttpStatusCode.BadRequest, $"/api/v1/levy/totals?{query}");

        JsonElement error = problem.GetProperty("errors")[0];
        Assert.Equal(parameter, error.GetProperty("parameter").GetString());
        Assert.Contains(fix, error.GetProperty("fix").GetString(), StringComparison.Ordinal);
    }
}
