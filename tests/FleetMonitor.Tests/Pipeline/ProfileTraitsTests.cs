using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Finance;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>A profile that is put right reaches the devices that were metered by it when it was wrong.</summary>
public sealed class ProfileTraitsTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fleetmonitor-traits-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Modulus_StatedLater_MetersTheRolloverAgain()
    {
        // 99 kWh, then 1 kWh: without a modulus that is a reset, and the new register's 1 kWh; a register of two digits has gone on by 2 kWh.
        Assert.Equal("1", await ReplayAsync("", ("10:00:00", """{"d":"one","e":99}"""), ("11:00:00", """{"d":"one","e":1}""")));
        Assert.Equal("4", await ReplayAsync("""{"modulusKwh":100}""", ("12:00:00", """{"d":"one","e":3}""")));
        Assert.Equal("4", await ReplayAsync("""{"modulusKwh":100}"""));
    }

    [Fact]
    public async Task Modulus_StatedLater_WaitsForAMessageWithARegister()
    {
        Assert.Equal("1", await ReplayAsync("", ("10:00:00", """{"d":"one","e":99}"""), ("11:00:00", """{"d":"one","e":1}""")));
        Assert.Equal("1", await ReplayAsync("""{"modulusKwh":100}""", ("11:01:00", """{"d":"one","p":5}""")));
        Assert.Equal("2", await ReplayAsync("""{"modulusKwh":100}""", ("11:02:00", """{"d":"one","e":1}""")));
    }

    [Fact]
    public async Task Modulus_TakenBack_MetersTheDropAsAReset()
    {
        Assert.Equal("2", await ReplayAsync("""{"modulusKwh":100}""", ("10:00:00", """{"d":"one","e":99}"""), ("11:00:00", """{"d":"one","e":1}""")));
        Assert.Equal("1", await ReplayAsync("", ("11:00:01", """{"d":"one","e":1}""")));
    }

    /// <returns>The energy of all days, in kWh.</returns>
    private async Task<string> ReplayAsync(string register, params (string At, string Payload)[] messages)
    {
        DirectoryInfo profiles = _root.CreateSubdirectory("profiles");
        await File.WriteAllTextAsync(
            Path.Combine(profiles.FullName, "meter.json"),
            $$$"""
            {"name":"meter","site":"s","timeZone":"UTC",{{{(register.Length > 0 ? $"\"register\":{register}," : "")}}}
             "messages":[{"topic":"meter","device":{"path":"d"},"power":{"path":"p","unit":"W"},"register":{"path":"e","unit":"kWh"}}]}
            """);
        Settings settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:Directory"] = Path.Combine(_root.FullName, "ledger"),
            ["Fleet:Profiles"] = profiles.FullName,
        }).Build()).Settings;
        (SiteFiles? files, IReadOnlyList<string> problems) = SiteFiles.Load(settings);
        Assert.Empty(problems);
        var clock = new BookClock("2026-11-21T12:00:00Z");
        await using Engine engine = Engine.Open(settings, files!, clockFromMessages: true, clock, NullLogger.Instance);
        await engine.StartAsync();
        foreach ((string at, string payload) in messages)
        {
            var batch = new RawBatch("test", null, 1_024);
            batch.Add("meter"u8, Encoding.UTF8.GetBytes(payload), Instant.From(DateTimeOffset.Parse($"2026-11-21T{at}Z", CultureInfo.InvariantCulture)));
            await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        }

        await engine.Loop.StopAsync();
        using var books = Service.Books.BooksView.OpenReadOnly(settings, files!, Instant.From(clock.Now));
        decimal kwh = books.DeviceDays(null, null, null).Sum(row => row.Energy.Total.MicrowattHours) / 1_000_000_000m;
        return kwh.ToString("0.###", CultureInfo.InvariantCulture);
    }
}
