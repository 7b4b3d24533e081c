using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

/// <summary>Topics are remembered: those that somebody owns for as long as the fleet stays as it is, made-up ones while there is room.</summary>
[Collection(nameof(AloneCollection))]
public sealed class TopicNoteTests
{
    [Fact]
    public void Topics_WithAnOwner_AreRememberedWhateverOthersCome()
    {
        FleetSnapshot fleet = Decoding.Fleet("""{"sites":[{"id":"s","timeZone":"UTC"}]}""");
        var decoder = new TelemetryDecoder(ProfileSet.Shipped, () => fleet, Decoding.Options with { MaxRoutes = 3 });
        const string Payload = """{"power_w":1}""";
        var owner = new Owner("owned");
        decoder.Decode("fleet/s/owned/telemetry", Payload, out DecodedMessage first);
        first.Topic.SetOwner(owner);
        for (int i = 0; i < 20; i++)
        {
            decoder.Decode($"fleet/s/d{i}/telemetry", Payload, out DecodedMessage other);
            Assert.Null(other.Topic.Owner);
        }

        decoder.Decode("fleet/s/owned/telemetry", Payload, out DecodedMessage again);
        Assert.Same(owner, again.Topic.Owner);

        fleet = Decoding.Fleet("""{"sites":[{"id":"s","timeZone":"Asia/Almaty"}]}""");
        decoder.Decode("fleet/s/owned/telemetry", Payload, out DecodedMessage anew);
        Assert.Null(anew.Topic.Owner);
    }

    [Fact]
    public void Topics_WithOwnersAmongManyWithout_AreAllRemembered()
    {
        TelemetryDecoder decoder = Decoding.Decoder(options: Decoding.Options with { MaxRoutes = 30 });
        Owner[] owners = [.. Enumerable.Range(0, 1_000).Select(number => new Owner($"owned-{number}"))];
        foreach (Owner owner in owners)
        {
            decoder.Decode($"fleet/s/{owner.Device}/telemetry", """{"power_w":1}""", out DecodedMessage message);
            message.Topic.SetOwner(owner);
            decoder.Decode($"fleet/s/not-{owner.Device}/telemetry", """{"power_w":1}""", out _);
        }

        Assert.All(owners, owner =>
        {
            decoder.Decode($"fleet/s/{owner.Device}/telemetry", """{"power_w":1}""", out DecodedMessage message);
            Assert.Same(owner, message.Topic.Owner);
        });
    }

    [Fact]
    public void Topics_ThatAreMuchAlike_AreToldApart()
    {
        TelemetryDecoder decoder = Decoding.Decoder();
        string[] devices = ["d", "dd", "ddd", "dddd", "dedd", "telemetry", "e", new string('d', 200), new string('d', 199)];
        foreach (string device in devices)
        {
            decoder.Decode($"fleet/s/{device}/telemetry", """{"power_w":1}""", out DecodedMessage message);
            message.Topic.SetOwner(new Owner(device));
        }

        foreach (string device in devices)
        {
            decoder.Decode($"fleet/s/{device}/telemetry", """{"power_w":1}""", out DecodedMessage message);
            Assert.Equal((device, device), (message.Topic.Owner?.Device, message.Device));
        }
    }

    [Fact]
    public void Topics_MadeUpWithoutEnd_TakeNoMoreMemory()
    {
        TelemetryDecoder decoder = Decoding.Decoder(options: Decoding.Options with { MaxRoutes = 1_000 });
        MakeUp(decoder, 0, 20_000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        MakeUp(decoder, 20_000, 200_000);

        // Remembered, they would be millions of bytes.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 500_000);
        GC.KeepAlive(decoder);
    }

    [Fact]
    public void Topics_Announced_AreFoundWhateverCameBetween()
    {
        TelemetryDecoder decoder = Decoding.Decoder();
        Owner[] owners = [.. Enumerable.Range(0, 60).Select(number => new Owner($"owned-{number}"))];
        foreach (Owner owner in owners)
        {
            decoder.Decode($"fleet/s/{owner.Device}/telemetry", """{"power_w":1}""", out DecodedMessage message);
            message.Topic.SetOwner(owner);
        }

        // The table of topics grows between the announcement and the message.
        for (int number = 0; number < owners.Length; number++)
        {
            decoder.Expect(Encoding.UTF8.GetBytes($"fleet/s/owned-{number}/telemetry"));
            MakeUp(decoder, number * 100, (number + 1) * 100);
            decoder.Decode($"fleet/s/owned-{number}/telemetry", """{"power_w":1}""", out DecodedMessage message);
            Assert.Same(owners[number], message.Topic.Owner);
        }
    }

    private static void MakeUp(TelemetryDecoder decoder, int first, int end)
    {
        for (int number = first; number < end; number++)
        {
            decoder.Decode($"fleet/s/made-up-{number}/telemetry", """{"power_w":1}""", out _);
        }
    }

    private sealed record Owner(string Device) : ITopicOwner;
}
