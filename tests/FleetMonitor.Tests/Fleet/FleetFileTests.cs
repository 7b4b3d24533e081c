using System.Globalization;
using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Fleet;

public sealed class FleetFileTests
{
    private static readonly FleetDefaults Defaults = new(TimeZoneInfo.FindSystemTimeZoneById("Asia/Almaty"));

    [Fact]
    public void FleetFile_WithEveryFact_ReadsThemAll()
    {
        FleetSnapshot fleet = Good("""
            {"sites":[{"id":"ekibastuz-1","name":"Ekibastuz 1","timeZone":"Asia/Aqtobe","basis":"control-meter",
              "payer":{"name":"Example Mining LLP","bin":"123456789012"},"maxPowerKw":180000,
              "licence":[{"from":"2023-04-01","value":"subtype-1"}],
              "energySource":[{"from":"2024-01-01","value":"own-renewable"},{"from":"2022-01-01","to":"2024-01-01","value":"grid"}],
              "contractPrice":[{"from":"2022-01-01","value":16.5}],
              "controlMeters":["meter-1"],"meterStatus":[{"from":"2022-01-01","value":"working"}],
              "devices":[{"id":"rig-1","role":"rig","model":"Antminer S19 Pro","fedBy":"pdu-1","rack":"A-07",
                "nameplate":{"powerW":3250,"hashrateThs":110},"importPermit":"KNB-2022-17",
                "tenant":[{"from":"2022-01-01","value":"acme"}]},
                {"id":"pdu-1","role":"feeder","registerModulusKwh":100000}]}]}
            """);

        Assert.True(fleet.HasFile);
        Site site = fleet.Site("ekibastuz-1")!;
        Assert.Equal(("Ekibastuz 1", "Asia/Aqtobe", BillingBasis.ControlMeter), (site.Name, site.TimeZone.Id, site.Basis));
        Assert.Equal(new Payer("Example Mining LLP", "123456789012"), site.Payer);
        Assert.Equal(new Power(180_000_000_000), site.MaxPower);
        Assert.Equal("subtype-1", site.Licence.On(new DateOnly(2026, 1, 1))!.Value);
        Assert.Null(site.Licence.On(new DateOnly(2023, 3, 31)));
        Assert.Equal(EnergySource.Grid, site.EnergySource.On(new DateOnly(2023, 12, 31))!.Value);
        Assert.Equal(EnergySource.OwnRenewable, site.EnergySource.On(new DateOnly(2024, 1, 1))!.Value);
        Assert.Equal(16.5m, site.ContractPrice[0].Value);
        Assert.Equal(MeterStatus.Working, site.MeterStatus[0].Value);
        Device rig = fleet.Device(new DeviceKey("ekibastuz-1", "rig-1"))!;
        Assert.Equal((DeviceRole.Rig, "Antminer S19 Pro", "pdu-1", "A-07", "KNB-2022-17"), (rig.Role, rig.Model, rig.FedBy, rig.Rack, rig.ImportPermit));
        Assert.Equal(new Nameplate(new Power(3_250_000), new HashRate(110_000_000)), rig.Nameplate);
        Assert.Equal(new Dated<string>(new DateOnly(2022, 1, 1), null, "acme"), Assert.Single(rig.Tenant));
        Device feeder = fleet.Device(new DeviceKey("ekibastuz-1", "pdu-1"))!;
        Assert.Equal((DeviceRole.Feeder, new Energy(100_000_000_000_000)), (feeder.Role, feeder.RegisterModulus));
        Assert.Equal(DeviceRole.ControlMeter, fleet.Device(new DeviceKey("ekibastuz-1", "meter-1"))!.Role);
    }

    [Fact]
    public void Curtailments_ByTheSitesClock_OrWithAnOffset_AreTheSameTimes()
    {
        FleetSnapshot fleet = Good("""
            {"sites":[{"id":"s","timeZone":"Asia/Almaty","curtailments":[
              {"from":"2026-12-01T18:00","to":"2026-12-01T21:00"},{"from":"2026-12-01T13:00:00Z","to":"2026-12-01T21:00:00+05:00"}]}]}
            """);

        var expected = new Curtailment(
            Instant.From(new DateTimeOffset(2026, 12, 1, 13, 0, 0, TimeSpan.Zero)), Instant.From(new DateTimeOffset(2026, 12, 1, 16, 0, 0, TimeSpan.Zero)));
        Assert.Equal([expected, expected], fleet.Site("s")!.Curtailments);
    }

    [Theory]
    [InlineData("""{"from":"2026-12-01T18:00","to":"2026-12-01T18:00"}""", "not after")]
    [InlineData("""{"from":"tomorrow","to":"2026-12-01T18:00"}""", "not a time")]
    public void Curtailment_ThatIsNone_IsRefusedWithItsPlace(string curtailment, string problem)
    {
        var read = FleetFile.Parse(
            Encoding.UTF8.GetBytes($$"""{"sites":[{"id":"s","curtailments":[{{curtailment}}]}]}"""), "fleet.json", Defaults);

        Assert.Contains(problem, Assert.Single(read.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FleetFile_WithLittle_FallsBackToDefaults()
    {
        FleetSnapshot fleet = Good("""{"sites":[{"id":"s","devices":[{"id":"Rig 1"}]}]}""");

        Site site = fleet.Site("s")!;
        Assert.Equal(("Asia/Almaty", BillingBasis.Devices), (site.TimeZone.Id, site.Basis));
        Assert.Equal(DeviceRole.Rig, site.Devices["Rig 1"].Role);
        Assert.Empty(site.Licence);
        Assert.Null(fleet.Device(new DeviceKey("s", "rig 1")));
    }

    [Fact]
    public void FleetFile_ControlMeterAmongDevices_TakesItsRoleFromTheList()
    {
        FleetSnapshot fleet = Good("""{"sites":[{"id":"s","controlMeters":["m"],"devices":[{"id":"m","model":"A1800"}]}]}""");

        Device meter = fleet.Device(new DeviceKey("s", "m"))!;
        Assert.Equal((DeviceRole.ControlMeter, "A1800"), (meter.Role, meter.Model));
    }

    [Fact]
    public void FleetFile_WithByteOrderMarkAndComments_IsRead() =>
        Assert.NotNull(Good("\uFEFF{\"sites\":[ /* none yet */ ]}"));

    [Fact]
    public void SampleFleetFile_OfTheRepository_IsGood()
    {
        FleetSnapshot fleet = Good(File.ReadAllText(Repository.File("config/fleet.json")));

        Assert.Equal(["aqtobe-wind", "ekibastuz-1"], fleet.Sites.Keys.Order());
        Assert.Equal("aqtobe-wind", fleet.SiteOfDevice("plug [hall 2] 7"));
    }

    [Fact]
    public void SiteOfDevice_ListedOnSeveralSites_IsNobodys()
    {
        FleetSnapshot fleet = Good(
            """{"sites":[{"id":"a","devices":[{"id":"x"},{"id":"y"}]},{"id":"b","devices":[{"id":"x"}]},{"id":"c","devices":[{"id":"x"}]}]}""");

        Assert.Null(fleet.SiteOfDevice("x"));
        Assert.True(fleet.IsOnSeveralSites("x"));
        Assert.Equal("a", fleet.SiteOfDevice("y"));
        Assert.False(fleet.IsOnSeveralSites("y"));
        Assert.False(fleet.IsOnSeveralSites("z"));
    }

    [Fact]
    public void FleetFile_WrongInManyWays_NamesEveryProblemAtOnce()
    {
        IReadOnlyList<Problem> problems = Bad("""
            {"site":1,"sites":[
              {"id":"a/b","timeZone":"Asia/Atlantis","basis":"meter","colour":"red","payer":{"name":"X","bin":"12"},
               "licence":[{"from":"2023-04-01","value":"gold"}],
               "energySource":[{"from":"2022-01-01","value":"grid"},{"from":"2023-01-01","value":"nuclear"},{"from":"2023-13-01","value":"own"}],
               "contractPrice":[{"from":"2024-01-01","to":"2024-01-01","value":1}],
               "meterStatus":[{"from":"2022-01-01","value":"working"},{"from":"2024-01-01","value":"faulty"}],
               "devices":[{"id":"r","role":"toaster"},{"id":"r","nameplate":{"powerW":-1}},{"id":"q","fedBy":"nobody"},{"role":"rig"},7]},
              {"id":"z","maxPowerKw":"180"},{"id":"z"}]}
            """);

        Assert.Equal(
            [
                "$.site = 1: unknown key",
                "$.sites[0].colour = \"red\": unknown key",
                "$.sites[0].id = \"a/b\": not an id",
                "$.sites[0].basis = \"meter\": not a known value",
                "$.sites[0].devices[0].role = \"toaster\": not a known value",
                "$.sites[0].devices[1].nameplate.powerW = -1: out of range",
                "$.sites[0].devices[1].id = \"r\": another device of the site has this id",
                "$.sites[0].devices[3].id = : missing",
                "$.sites[0].devices[4] = 7: expected an object, found a number",
                "$.sites[0].devices[2].fedBy = \"nobody\": no device of this site has this id",
                "$.sites[0].timeZone = \"Asia/Atlantis\": not a time zone known here",
                "$.sites[0].payer.bin = \"12\": not a taxpayer number",
                "$.sites[0].licence[0].value = \"gold\": not a known licence",
                "$.sites[0].energySource[1].value = \"nuclear\": not a known value",
                "$.sites[0].energySource[2].from = \"2023-13-01\": not a date",
                "$.sites[0].contractPrice[0].to = \"2024-01-01\": not after 2024-01-01",
                "$.sites[0].meterStatus[1].from = \"2024-01-01\": the fact from 2022-01-01 still holds on this day",
                "$.sites[1].maxPowerKw = \"180\": expected a number, found a text",
                "$.sites[2].id = \"z\": another site has this id",
            ],
            problems.Select(p => $"{p.Path} = {p.Value}: {p.Message}"));
        Assert.All(problems, p => Assert.False(string.IsNullOrWhiteSpace(p.Fix)));
        Assert.All(problems, p => Assert.Equal("fleet.json", p.Source));
    }

    [Theory]
    [InlineData("""{"sites":[{"id":"s","devices":[{"id":"a","fedBy":"a"}]}]}""", "$.sites[0].devices[0].fedBy")]
    [InlineData(
        """{"sites":[{"id":"s","devices":[{"id":"c","fedBy":"a"},{"id":"a","fedBy":"b"},{"id":"b","fedBy":"a"}]}]}""",
        "$.sites[0].devices[1].fedBy")]
    [InlineData("""{"sites":[{"id":"s","controlMeters":["m"],"devices":[{"id":"a","fedBy":"m"}]}]}""", "$.sites[0].devices[0].fedBy")]
    [InlineData("""{"sites":[{"id":"s","controlMeters":["m"],"devices":[{"id":"m","role":"rig"}]}]}""", "$.sites[0].devices[0].role")]
    [InlineData("""{"sites":[{"id":"s","controlMeters":["m","m"]}]}""", "$.sites[0].controlMeters[1]")]
    [InlineData("""{"sites":[{"id":"s","basis":"control-meter"}]}""", "$.sites[0].basis")]
    [InlineData("""{"sites":[{"id":"s","id":"t"}]}""", "$.sites[0].id")]
    [InlineData("""{"sites":{}}""", "$.sites")]
    [InlineData("""{}""", "$.sites")]
    [InlineData("""[]""", "$")]
    [InlineData("""{"sites":[{"id":"s"},]}""", "$")]
    [InlineData("", "$")]
    [InlineData("""{"sites":[{"id":"s","devices":[{"id":"a","registerModulusKwh":0}]}]}""", "$.sites[0].devices[0].registerModulusKwh")]
    [InlineData("""{"sites":[{"id":"s","devices":[{"id":"a","registerModulusKwh":1e40}]}]}""", "$.sites[0].devices[0].registerModulusKwh")]
    [InlineData("""{"sites":[{"id":"s","devices":[{"id":"a","nameplate":{}}]}]}""", "$.sites[0].devices[0].nameplate.powerW")]
    [InlineData("""{"sites":[{"id":"s","licence":[{"value":"none"}]}]}""", "$.sites[0].licence[0].from")]
    [InlineData("""{"sites":[{"id":"s","bad key":1}]}""", "$.sites[0]['bad key']")]
    public void FleetFile_WithOneFault_NamesItsPlace(string json, string path) => Assert.Equal(path, Assert.Single(Bad(json)).Path);

    /// <summary>A name that ends a line, a page or a string elsewhere never gets in.</summary>
    [Theory]
    [InlineData("a\\u0000b")]
    [InlineData("a\\nb")]
    [InlineData("a\\u2028b")]
    [InlineData("a/b")]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("")]
    [InlineData("64 kB")]
    public void FleetFile_WithANameThatIsNone_NamesItsPlaceOnOneLine(string name)
    {
        string id = name == "64 kB" ? new string('x', 65_536) : name;

        Problem site = Assert.Single(Bad($$"""{"sites":[{"id":"{{id}}"}]}"""));
        Problem device = Assert.Single(Bad($$"""{"sites":[{"id":"s","devices":[{"id":"{{id}}"}]}]}"""));

        Assert.Equal(("$.sites[0].id", "$.sites[0].devices[0].id"), (site.Path, device.Path));
        Assert.All([site.ToString(), device.ToString()], text => Assert.DoesNotContain(text, c => c is '\n' or '\0' or '\u2028' or '\u202E'));
        Assert.All([site.ToString(), device.ToString()], text => Assert.InRange(text.Length, 1, 500));
    }

    [Fact]
    public void FleetFile_FedByAControlMeter_IsFineWhereTheMeterIsBilled() =>
        Assert.NotNull(Good("""{"sites":[{"id":"s","basis":"control-meter","controlMeters":["m"],"devices":[{"id":"a","fedBy":"m"}]}]}"""));

    [Fact]
    public void FleetFile_OfALargeSite_IsReadInWellUnderASecond()
    {
        var json = new StringBuilder("""{"sites":[{"id":"s","devices":[""");
        for (int i = 0; i < 55_000; i++)
        {
            json.Append(i == 0 ? "" : ",").Append(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"rig-{{{i}}}","role":"rig","model":"Antminer S19 Pro","nameplate":{"powerW":3250,"hashrateThs":110},"tenant":[{"from":"2022-01-01","value":"acme"}],"fedBy":"rig-{{{i + 1}}}"}""");
        }

        json.Append(""",{"id":"rig-55000"}]}]}""");
        var clock = System.Diagnostics.Stopwatch.StartNew();

        FleetSnapshot fleet = Good(json.ToString());

        Assert.Equal(55_001, fleet.Site("s")!.Devices.Count);
        // Some hundred milliseconds on an idle core; the bound only keeps out what grows with the square of the fleet.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"took {clock.Elapsed}");
    }

    [Fact]
    public void Fact_NamesWhatShowsItAndWhoDecided_OrNothing()
    {
        FleetSnapshot fleet = Good("""
            {"sites":[{"id":"aksu","meterStatus":[{"from":"2022-01-01","to":"2026-05-01","value":"working"},
              {"from":"2026-05-01","value":"faulty","evidence":"protocol 12","by":"B. Person"}]}]}
            """);

        Assert.Equal(
            [(null, null), ("protocol 12", "B. Person")],
            fleet.Site("aksu")!.MeterStatus.Select(status => (status.Evidence, status.By)));
        Assert.Equal(64, fleet.SourceHash!.Length);
    }

    [Fact]
    public void EmptyFleet_GrowsBySitesThatRegisterThemselves()
    {
        FleetSnapshot grown = FleetSnapshot.Empty.WithSelfRegistered("new", TimeZoneInfo.Utc);

        Assert.False(grown.HasFile);
        Assert.True(grown.Site("new")!.SelfRegistered);
        Assert.Null(FleetSnapshot.Empty.Site("new"));
        Assert.Same(grown, grown.WithSelfRegistered("new", TimeZoneInfo.Utc));
        Assert.Throws<InvalidOperationException>(() => FleetSnapshot.OfFile([]).WithSelfRegistered("new", TimeZoneInfo.Utc));
    }

    private static FleetSnapshot Good(string json)
    {
        Parsed<FleetSnapshot> parsed = FleetFile.Parse(Encoding.UTF8.GetBytes(json), "fleet.json", Defaults);
        Assert.True(parsed.Value is not null, string.Join('\n', parsed.Problems));
        return parsed.Value;
    }

    private static IReadOnlyList<Problem> Bad(string json)
    {
        Parsed<FleetSnapshot> parsed = FleetFile.Parse(Encoding.UTF8.GetBytes(json), "fleet.json", Defaults);
        Assert.Null(parsed.Value);
        return parsed.Problems;
    }
}
