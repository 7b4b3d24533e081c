using FleetMonitor.Fleet.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

/// <summary>Values of phases are read where they can be, and never cost a message its metering.</summary>
public sealed class PhaseTests
{
    [Fact]
    public void Phases_OfAShellyMeter_AreRead()
    {
        DecodedMessage message = Read("em-1/status/em:0", """{"a_act_power":951.2,"b_act_power":730.1004,"c_act_power":0,"total_act_power":1681.3}""");
        Assert.Equal(new PhaseValues(PhaseQuantity.Power, 951_200, 730_100, 0), message.Phases);
        Assert.Equal(new Power(1_681_300), message.Reading.Power);
    }

    [Fact]
    public void Phases_OfATasmotaList_AreRead()
    {
        DecodedMessage message = Read("tele/pow1/SENSOR", """{"ENERGY":{"Total":1,"Power":[100,200,300]}}""");
        Assert.Equal(new PhaseValues(PhaseQuantity.Power, 100_000, 200_000, 300_000), message.Phases);
        Assert.Equal(new Power(600_000), message.Reading.Power);
    }

    [Fact]
    public void Phases_InQuotes_AreReadWhereTheProfileTakesThem()
    {
        const string Payload = """{"PowerData":{"TotalPower":"63.4","PowerA":"21.1","PowerB":" 21.1 ","PowerC":"21.2"},"TimeStamp":"2026/01/01 05:00:00"}""";
        Assert.Equal(new PhaseValues(PhaseQuantity.Power, 21_100_000, 21_100_000, 21_200_000), Read("C024_D40MainData", Payload).Phases);
    }

    [Theory]
    [InlineData("-951.2")]
    [InlineData("\"951.2\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("null")]
    [InlineData("1e999")]
    [InlineData("{}")]
    [InlineData("[1,2]")]
    [InlineData("1e30")]
    public void Message_WithAPhaseThatCannotBeRead_IsReadWithoutPhases(string phase)
    {
        DecodedMessage message = Read(
            "em-1/status/em:0", $$"""{"a_act_power":{{phase}},"b_act_power":1,"c_act_power":1,"total_act_power":1681.3}""");
        Assert.Equal(default, message.Phases);
        Assert.Equal(new Power(1_681_300), message.Reading.Power);
    }

    [Fact]
    public void Message_WithPhasesAlone_MeasuresNothing()
    {
        DecodeOutcome outcome = Decoding.Decoder().Decode(
            "em-1/status/em:0", """{"a_act_power":1,"b_act_power":1,"c_act_power":1}""", out DecodedMessage message);
        Assert.Equal(DecodeOutcome.NoMeasurement, outcome);
        Assert.Equal(default, message.Phases);
    }

    [Fact]
    public void Phases_AsCurrents_AreMilliamperes()
    {
        ProfileSet profiles = Decoding.Profiles("""
            {"name":"pdu","messages":[{"topic":"pdu/{device}","power":{"path":"p","unit":"kW"},
              "phases":{"a":"i.l1","b":"i.l2","c":"i.l3","unit":"A"}}]}
            """);
        Decoding.Decoder(profiles).Decode("pdu/7", """{"p":9.5,"i":{"l1":14.5,"l2":14,"l3":13.25}}""", out DecodedMessage message);
        Assert.Equal(new PhaseValues(PhaseQuantity.Current, 14_500, 14_000, 13_250), message.Phases);
    }

    [Theory]
    [InlineData("""{"a":"x","b":"y","unit":"A"}""", "$.messages[0].phases.c")]
    [InlineData("""{"a":"x","b":"y","c":"z","unit":"V"}""", "$.messages[0].phases.unit")]
    [InlineData("""{"a":"x","b":"y","c":"z"}""", "$.messages[0].phases.unit")]
    [InlineData("""{"a":"x","b":"y","c":".","unit":"W"}""", "$.messages[0].phases.c")]
    public void Profile_WithAMistakeInItsPhases_SaysWhere(string phases, string place)
    {
        Parsed<ProfileSet> parsed = Decoding.Load(
            $$$"""{"name":"pdu","messages":[{"topic":"pdu/{device}","power":{"path":"p","unit":"kW"},"phases":{{{phases}}}}]}""");
        Assert.Equal(place, Assert.Single(parsed.Problems).Path);
    }

    [Fact]
    public void Profile_WithPhasesOfABareNumber_IsRefused()
    {
        Parsed<ProfileSet> parsed = Decoding.Load("""
            {"name":"pdu","messages":[{"topic":"pdu/{device}","payload":"number","power":{"unit":"W"},"phases":{"a":"x","b":"y","c":"z","unit":"W"}}]}
            """);
        Assert.Equal("$.messages[0].phases", Assert.Single(parsed.Problems).Path);
    }

    private static DecodedMessage Read(string topic, string payload)
    {
        DecodeOutcome outcome = Decoding.Decoder().Decode(topic, payload, out DecodedMessage message);
        Assert.True(outcome == DecodeOutcome.Reading, message.Refusal?.ToString());
        return message;
    }
}
