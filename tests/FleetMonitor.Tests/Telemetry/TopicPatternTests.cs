using System.Text;
using FleetMonitor.Telemetry.Profiles;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

public sealed class TopicPatternTests
{
    [Theory]
    [InlineData("fleet/{site}/{device}/telemetry", "fleet/a/b/telemetry", "a", "b", "")]
    [InlineData("fleet/{site}/{device}/telemetry", "fleet//b/telemetry", "", "b", "")]
    [InlineData("{device}_D40MainData", "C024_D40MainData", "", "C024", "")]
    [InlineData("{device}_D40MainData", "_D40MainData", "", "", "")]
    [InlineData("{device}/status/switch:{channel}", "plug/status/switch:12", "", "plug", "12")]
    [InlineData("a/+/{device}", "a/b/c", "", "c", "")]
    [InlineData("a/{device}/#", "a/b", "", "b", "")]
    [InlineData("a/{device}/#", "a/b/c/d", "", "b", "")]
    [InlineData("{device}/#", "b", "", "b", "")]
    [InlineData("$SYS/{device}", "$SYS/b", "", "b", "")]
    [InlineData("стойка/{device}", "стойка/Ж 7", "", "Ж 7", "")]
    public void Topic_ThatMatches_GivesItsNames(string pattern, string topic, string site, string device, string channel)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(topic);

        Assert.True(Parse(pattern).TryMatch(bytes, out Range s, out Range d, out Range c));

        Assert.Equal((site, device, channel), (Text(bytes[s]), Text(bytes[d]), Text(bytes[c])));
    }

    [Theory]
    [InlineData("fleet/{site}/{device}/telemetry", "fleet/a/b")]
    [InlineData("fleet/{site}/{device}/telemetry", "fleet/a/b/telemetry/")]
    [InlineData("fleet/{site}/{device}/telemetry", "/fleet/a/b/telemetry")]
    [InlineData("zigbee2mqtt/{device}", "zigbee2mqtt/bridge/state")]
    [InlineData("{device}_D40MainData", "D40MainData")]
    [InlineData("switch:{channel}/{device}", "switch:x/d")]
    [InlineData("switch:{channel}/{device}", "switch:/d")]
    [InlineData("{device}/online", "$SYS/online")]
    [InlineData("+/{device}", "$SYS/d")]
    [InlineData("a/{device}", "")]
    public void Topic_ThatDiffers_DoesNotMatch(string pattern, string topic) =>
        Assert.False(Parse(pattern).TryMatch(Encoding.UTF8.GetBytes(topic), out _, out _, out _));

    [Theory]
    [InlineData("fleet/{site}/{device}/telemetry", "fleet/+/+/telemetry")]
    [InlineData("{device}_D40MainData", "+")]
    [InlineData("{device}/status/switch:{channel}", "+/status/+")]
    [InlineData("a/{device}/#", "a/+/#")]
    public void Pattern_Subscribed_IsAnMqttFilter(string pattern, string filter) => Assert.Equal(filter, Parse(pattern).Filter);

    [Theory]
    [InlineData("a/#/{device}")]
    [InlineData("a/{device}/{device}")]
    [InlineData("a/{rig}")]
    [InlineData("a/x{device")]
    [InlineData("a/{device}+")]
    [InlineData("a/b+")]
    [InlineData("a/{site}{device}")]
    public void Pattern_ThatIsNone_IsRefusedWithItsReason(string pattern)
    {
        Assert.Null(TopicPattern.Parse(pattern, out string? problem));
        Assert.False(string.IsNullOrEmpty(problem));
    }

    private static TopicPattern Parse(string text)
    {
        TopicPattern? pattern = TopicPattern.Parse(text, out string? problem);
        Assert.True(pattern is not null, problem);
        return pattern;
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
