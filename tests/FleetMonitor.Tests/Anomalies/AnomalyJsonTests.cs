using System.Text;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class AnomalyJsonTests
{
    private static readonly Instant Raised = Instant.From(new DateTimeOffset(2026, 3, 2, 4, 5, 6, TimeSpan.Zero));

    private static readonly Anomaly Example = new()
    {
        Id = "offline-20260302T040506Z-0123456789ab",
        Site = "ekibastuz-1",
        Device = "rig-1",
        Kind = AnomalyKind.Offline,
        Severity = AnomalySeverity.Warning,
        Raised = Raised,
        Score = 0.95,
        Text = "Heard 5 min ago.",
        Evidence = [EvidenceItem.Of("rule", "nothing received for 5 min"), EvidenceItem.Of("power_before_w", 3250.5)],
        KwhPerDay = 78m,
        LevyPerDay = 156m,
    };

    [Fact]
    public void Anomaly_Written_HasTheFieldsThatOthersRelyOn() =>
        Assert.Equal(
            """
            {"id":"offline-20260302T040506Z-0123456789ab","site":"ekibastuz-1","device":"rig-1","kind":"offline","severity":"warning","raised":"2026-03-02T04:05:06.000Z","cleared":null,"score":0.95,"text":"Heard 5 min ago.","evidence":{"rule":"nothing received for 5 min","power_before_w":3250.5},"kwhPerDay":78,"levyPerDay":156}
            """,
            Written(Example));

    [Fact]
    public void Anomaly_ReadBack_IsTheSame()
    {
        string written = Written(Example with { Cleared = Raised.Plus(TimeSpan.FromHours(1)), Device = null, LevyPerDay = null });
        using JsonDocument document = JsonDocument.Parse(written);
        Assert.True(AnomalyJson.TryRead(document.RootElement, out Anomaly read));
        Assert.Equal(written, Written(read));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"kind":"no-such-kind","severity":"info"}""")]
    public void Anomaly_SomethingElse_IsNotRead(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.False(AnomalyJson.TryRead(document.RootElement, out _));
    }

    [Fact]
    public void Kinds_All_HaveCodesThatReadBack() =>
        Assert.All(Enum.GetValues<AnomalyKind>(), kind =>
        {
            Assert.Matches("^[a-z]+(-[a-z]+)*$", kind.Code());
            Assert.True(AnomalyKindCodes.TryParse(kind.Code(), out AnomalyKind back));
            Assert.Equal(kind, back);
        });

    [Fact]
    public void Id_SameThing_IsTheSameAndSafeInAPath()
    {
        string id = Anomaly.IdOf("site one", "rig [7]", AnomalyKind.Offline, Raised);
        Assert.Equal(id, Anomaly.IdOf("site one", "rig [7]", AnomalyKind.Offline, Raised));
        Assert.NotEqual(id, Anomaly.IdOf("site one", "rig [8]", AnomalyKind.Offline, Raised));
        Assert.Matches("^offline-20260302T040506Z-[0-9a-f]{12}$", id);
    }

    private static string Written(Anomaly anomaly)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            AnomalyJson.Write(writer, anomaly);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
