using System.Net;
using System.Text.Json;
using Xunit;

namespace FleetMonitor.Tests.Http;

/// <summary>10.5 kWh of one rig in September, posted by the close, and an entry by hand before it.</summary>
public sealed class PostingsTests
{
    private const string FleetFile = """{"sites":[{"id":"north","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"}]}]}""";

    [Fact]
    public async Task Postings_AreRowsOfTheChain_PageByPage()
    {
        await using RunningService service = await StartAsync();

        JsonElement first = await service.GetAsync("/api/v1/levy/postings?site=north&period=2026-Q3&limit=1");
        JsonElement second = await service.GetAsync($"/api/v1/levy/postings?site=north&period=2026-Q3&limit=1&after={first.GetProperty("next").GetString()}");

        JsonElement entered = first.GetProperty("rows")[0];
        JsonElement metered = second.GetProperty("rows")[0];
        Assert.Equal("1 manual 2026-Q3 -4 credit note 7 A. B.", $"{entered.GetProperty("seq")} {entered.GetProperty("kind")} {entered.GetProperty("period")} {entered.GetProperty("amount")} {entered.GetProperty("reason")} {entered.GetProperty("by")}");
        Assert.Equal("2 accrual rig-1 2026-09-15 10.5 kz-2026-base billed", $"{metered.GetProperty("seq")} {metered.GetProperty("kind")} {metered.GetProperty("device")} {metered.GetProperty("day")} {metered.GetProperty("energyKwh")} {metered.GetProperty("rate")} {metered.GetProperty("counts")}");
        Assert.Equal(entered.GetProperty("hash").GetString(), metered.GetProperty("prevHash").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Empty((await service.GetAsync("/api/v1/levy/postings?site=north&period=2026-Q2")).GetProperty("rows").EnumerateArray());
    }

    [Fact]
    public async Task Postings_AsCsv_NameTheNextPageInTheLinkHeader()
    {
        await using RunningService service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/levy/postings?limit=1", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/csv");

        using HttpResponseMessage response = await service.Http.SendAsync(request);

        string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("seq,kind,site,device,day,period", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("1,manual,north,,2026-09-15,2026-Q3", Assert.Single(lines[1..]), StringComparison.Ordinal);
        Assert.Equal("</api/v1/levy/postings?limit=1&after=1>; rel=\"next\"", response.Headers.GetValues("Link").Single());
    }

    [Fact]
    public async Task WayDown_FromAStatementsLine_EndsAtTheReadings()
    {
        await using RunningService service = await StartAsync();
        JsonElement line = (await service.GetAsync("/api/v1/levy/periods/2026-Q3/statement")).GetProperty("statement").GetProperty("lines")[0];
        JsonElement posting = (await service.GetAsync("/api/v1/levy/postings?period=2026-Q3")).GetProperty("rows").EnumerateArray()
            .Single(row => row.GetProperty("rate").GetString() == line.GetProperty("code").GetString());

        JsonElement trace = await service.GetAsync($"/api/v1/levy/trace?device={posting.GetProperty("device")}&day={posting.GetProperty("day")}&readings=true");

        Assert.Equal("10.5", line.GetProperty("energy").GetProperty("energyKwh").GetRawText());
        Assert.Equal("10.5", posting.GetProperty("energyKwh").GetRawText());
        Assert.Equal("10.5 10.5", $"{trace.GetProperty("books").GetProperty("energyKwh")} {trace.GetProperty("posted").GetProperty("energyKwh")}");
        Assert.Equal(posting.GetProperty("hash").GetString(), trace.GetProperty("postings")[0].GetProperty("hash").GetString());
        Assert.Equal(["1", "11.5"], trace.GetProperty("readingRows").EnumerateArray().Select(row => row.GetProperty("registerKwh").GetRawText()));
    }

    [Theory]
    [InlineData("postings?site=zzz", HttpStatusCode.NotFound)]
    [InlineData("postings?device=rig-1", HttpStatusCode.BadRequest)]
    [InlineData("postings?period=autumn", HttpStatusCode.BadRequest)]
    [InlineData("postings?after=x", HttpStatusCode.BadRequest)]
    [InlineData("trace?device=rig-1", HttpStatusCode.BadRequest)]
    [InlineData("trace?device=rig-9&day=2026-09-15", HttpStatusCode.NotFound)]
    [InlineData("trace?site=zzz&device=rig-1&day=2026-09-15", HttpStatusCode.NotFound)]
    [InlineData("totals?site=zzz", HttpStatusCode.NotFound)]
    public async Task WhatIsNotThere_IsSaid(string query, HttpStatusCode status)
    {
        await using RunningService service = await StartAsync();

        await service.ProblemAsync(status, "/api/v1/levy/" + query, "viewer");
    }

    [Fact]
    public async Task Totals_OfAListedSiteWithoutEnergy_OrOfOneThatMayStillRegister_AreEmpty()
    {
        await using RunningService listed = await RunningService.StartAsync(FleetFile);
        await using RunningService open = await RunningService.StartAsync();
        await open.SendAsync("north", "rig-1", "2026-09-15T10:00:00", "\"energy_wh\":1000");

        Assert.Empty((await listed.GetAsync("/api/v1/levy/totals?site=north")).GetProperty("rows").EnumerateArray());
        Assert.Empty((await open.GetAsync("/api/v1/levy/totals?site=south")).GetProperty("rows").EnumerateArray());
    }

    [Fact]
    public async Task Postings_AreForViewers()
    {
        await using RunningService service = await StartAsync();
        service.Http.DefaultRequestHeaders.Remove("X-Api-Key");

        using HttpResponseMessage nobody = await service.SendAsync("/api/v1/levy/postings", key: null);
        using HttpResponseMessage viewer = await service.SendAsync("/api/v1/levy/postings", "viewer");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (nobody.StatusCode, viewer.StatusCode));
    }

    private static async Task<RunningService> StartAsync()
    {
        RunningService service = await RunningService.StartAsync(FleetFile, RunningService.Keys);
        await service.SendAsync("north", "rig-1", "2026-09-15T10:00:00", "\"energy_wh\":1000");
        await service.SendAsync("north", "rig-1", "2026-09-15T14:00:00", "\"energy_wh\":11500");
        using HttpResponseMessage entered = await service.SendAsync(
            "/api/v1/levy/adjustments", "finance", """{"site":"north","day":"2026-09-15","by":"A. B.","reason":"credit note 7","amount":-4}""");
        using HttpResponseMessage closed = await service.SendAsync("/api/v1/levy/periods/2026-Q3/close", "finance", """{"by":"A. B."}""");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (entered.StatusCode, closed.StatusCode));
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", "viewer");
        return service;
    }
}
