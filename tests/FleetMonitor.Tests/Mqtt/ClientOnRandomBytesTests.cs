using FleetMonitor.Mqtt.Client;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public sealed class ClientOnRandomBytesTests
{
    private const int Seed = 20260702;

    [Fact]
    public async Task Client_OnRandomBytesAfterConnAck_AlwaysEndsWithACause()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 2000; i++)
        {
            var fixture = new ClientFixture();
            await fixture.ConnectAsync("20 03 00 00 00");
            var bytes = new byte[random.Next(1, 64)];
            random.NextBytes(bytes);
            bytes[0] = (byte)(random.Next(1, 16) << 4 | random.Next(3));
            if (bytes.Length > 2 && random.Next(2) == 0)
            {
                bytes[1] = (byte)(bytes.Length - 2);
            }

            await fixture.Server.SendAsync(bytes);
            await fixture.Server.CutAsync();
            var closed = await fixture.Client.Completion.WaitAsync(TimeSpan.FromSeconds(10));

            Assert.True(
                closed.Cause is MqttCloseCause.ProtocolError or MqttCloseCause.TransportEnded
                    or MqttCloseCause.ServerDisconnect,
                $"seed {Seed}, input {i}, {closed}: {Convert.ToHexString(bytes)}");
        }
    }
}
