using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Tests.Http;
using Xunit;

namespace FleetMonitor.Tests.Commands;

/// <summary>What finance and operators type, with the service running beside and without it: the same as the API answers.</summary>
public sealed class BesideTheServiceTests
{
    private const string Fleet = """
        {"sites":[{"id":"north","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig","tenant":[{"from":"2022-01-01","value":"acme"}]}]}]}
        """;

    [Theory]
    [InlineData("levy totals", "levy/totals")]
    [InlineData("levy totals --group device,tenant,day", "levy/totals?group=device,tenant,day")]
    [InlineData("levy totals --site north --from 2026-11-20 --to 2026-11-21 --group site,rate,day", "levy/totals?site=north&from=2026-11-20&to=2026-11-21&group=site,rate,day")]
    [InlineData("levy periods", "levy/periods")]
    [InlineData("levy periods --site north", "levy/periods?site=north")]
    [InlineData("levy statement 2026-Q3", "levy/periods/2026-Q3/statement")]
    [InlineData("levy statement 2026-Q4 --site north", "levy/periods/2026-Q4/statement?site=north")]
    public async Task Reading_BesideTheServiceAndWithoutIt_IsByteByByteWhatTheApiAnswers(string command, string path)
    {
        await using RunningService service = await StartAsync();
        string[] options = Options(service);
        using HttpResponseMessage response = await service.SendAsync($"/api/v1/{path}", key: null);
        string answer = await response.Content.ReadAsStringAsync();

        Typed beside = await Typed.RunAsync([.. command.Split(' '), .. options]);
        await service.StopAsync();
        Typed without = await Typed.RunAsync([.. command.Split(' '), .. options]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((0, answer, ""), (beside.Code, Compact(beside.Output), beside.Messages));
        Assert.Equal((0, answer, ""), (without.Code, Compact(without.Output), without.Messages));
    }

    [Theory]
    [InlineData("csv", "lines")]
    [InlineData("csv", "summary")]
    [InlineData("csv", "gaps")]
    [InlineData("csv", "register")]
    [InlineData("csv", "journal")]
    [InlineData("json", "lines")]
    [InlineData("html", "lines")]
    [InlineData("html", "register")]
    public async Task Export_BesideTheService_IsByteByByteWhatTheApiAnswers(string format, string table)
    {
        await using RunningService service = await StartAsync();
        using HttpResponseMessage response = await service.SendAsync($"/api/v1/levy/periods/2026-Q3/export?format={format}&table={table}", key: null);

        Typed beside = await Typed.RunAsync(["levy", "export", "2026-Q3", "--format", format, "--table", table, .. Options(service)]);

        Assert.Equal(await response.Content.ReadAsStringAsync(), beside.Output);
    }

    [Theory]
    [InlineData("levy totals --from 2026-11-22 --to 2026-11-21", 2)]
    [InlineData("levy totals --group rigs", 2)]
    [InlineData("levy totals --site nowhere", 2)]
    [InlineData("levy total", 2)]
    [InlineData("nonsense", 2)]
    [InlineData("levy periods --site nowhere", 1)]
    [InlineData("levy statement 2026-Q9", 2)]
    [InlineData("quarantine retry --reason nonsense", 2)]
    public async Task Command_ThatCannotBe_PrintsNothingAndSaysWhy(string command, int code)
    {
        await using RunningService service = await StartAsync();

        Typed typed = await Typed.RunAsync([.. command.Split(' '), .. Options(service)]);

        Assert.Equal((code, ""), (typed.Code, typed.Output));
        Assert.NotEmpty(typed.Messages);
    }

    [Fact]
    public async Task QuarantineRetry_BesideTheService_IsDoneByTheService()
    {
        await using RunningService service = await StartAsync();
        await service.SendAsync("north", "rig-1", "2026-11-21T10:30:00", "\"power_w\":-5");

        Typed typed = await Typed.RunAsync(["quarantine", "retry", "--reason", "implausible", .. Options(service)]);

        Assert.Equal((0, """{"tried":1,"taken":0,"refusedAgain":1}""", ""), (typed.Code, Compact(typed.Output), typed.Messages));
        Assert.Equal(2, (await service.GetAsync("/api/v1/quarantine")).GetProperty("rows")[0].GetProperty("id").GetInt32());
    }

    [Theory]
    [InlineData("viewer", 1, "403")]
    [InlineData("operator", 0, "")]
    public async Task QuarantineRetry_BesideAServiceWithKeys_TakesTheRoleOperator(string key, int code, string message)
    {
        await using RunningService service = await RunningService.StartAsync(Fleet, RunningService.Keys);

        Typed typed = await Typed.RunAsync([("FLEETMONITOR_API_KEY", key)], ["quarantine", "retry", .. Options(service)]);

        Assert.Equal(code, typed.Code);
        Assert.Contains(message, typed.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuarantineRetry_WithoutTheService_TakesTheLedgerItself()
    {
        await using RunningService service = await StartAsync();
        await service.SendAsync("north", "rig-1", "2026-11-21T10:30:00", "\"power_w\":-5");
        string[] options = Options(service);
        await service.StopAsync();

        Typed typed = await Typed.RunAsync(["quarantine", "retry", .. options]);

        Assert.Equal((0, """{"tried":1,"taken":0,"refusedAgain":1}"""), (typed.Code, Compact(typed.Output)));
    }

    /// <summary>The same without what is only there for reading; numbers and texts stay as they are written.</summary>
    private static string Compact(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        using var bytes = new MemoryStream();
        using (var compact = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            document.WriteTo(compact);
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static string[] Options(RunningService service) =>
    [
        "--set", $"Ledger:Directory={service.Settings.Ledger.Directory}", "--set", $"Fleet:File={service.Settings.Fleet.File}",
        "--set", $"Http:Url={service.Http.BaseAddress}",
    ];

    private static async Task<RunningService> StartAsync()
    {
        RunningService service = await RunningService.StartAsync(Fleet);
        // Commands know no other time: it decides which period is running.
        service.Time.Now = TimeProvider.System.GetUtcNow();
        List<(string Device, string At, string Fields)> sent =
        [
            ("rig-1", "2026-09-15T10:00:00", "\"energy_wh\":1000"), ("rig-1", "2026-09-15T14:00:00", "\"energy_wh\":11500"),
            ("rig-1", "2026-11-20T18:30:00", "\"energy_wh\":21500"), ("rig-1", "2026-11-20T19:30:00", "\"energy_wh\":22500"),
            ("rig-2", "2026-11-21T10:00:00", "\"power_w\":3000"), ("rig-2", "2026-11-21T10:04:00", "\"power_w\":3000"),
        ];
        await service.PublishAsync(
            [.. sent.Select(one => ($"fleet/north/{one.Device}/telemetry", $$"""{"ts":"{{one.At}}Z",{{one.Fields}}}"""))], Instant.From(service.Time.Now));
        return service;
    }
}
