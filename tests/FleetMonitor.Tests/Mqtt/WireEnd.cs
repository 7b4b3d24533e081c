using System.Buffers;
using System.IO.Pipelines;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>The test's end of a byte stream whose other end the code under test has.</summary>
internal abstract class WireEnd(MqttVersion version)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public MqttVersion Version => version;

    /// <summary>This end as a pipe, where the test puts a second subject on it.</summary>
    public abstract IDuplexPipe Other { get; }

    public abstract Task SendAsync(byte[] bytes);

    public Task SendAsync(string hex) => SendAsync(Wire.Hex(hex));

    /// <summary>The next packet that the subject sends; its memory is its own.</summary>
    public async Task<MqttPacket> ReceiveAsync()
    {
        while (true)
        {
            var result = await Other.Input.ReadAsync().AsTask().WaitAsync(Patience);
            var copy = new ReadOnlySequence<byte>(result.Buffer.ToArray());
            var length = copy.Length;
            var status = MqttDecoder.Decode(ref copy, Version, Wire.Limit, out var packet, out var error);
            Assert.True(status != MqttDecodeStatus.Error, error.ToString());
            if (status == MqttDecodeStatus.Packet)
            {
                Other.Input.AdvanceTo(result.Buffer.GetPosition(length - copy.Length));
                return packet;
            }

            Other.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            Assert.False(result.IsCompleted, "The subject closed instead of sending a packet.");
        }
    }

    /// <summary>Asserts that the subject closes without sending anything more.</summary>
    public async Task ExpectEndAsync()
    {
        var result = await Other.Input.ReadAsync().AsTask().WaitAsync(Patience);
        Assert.Equal("", Convert.ToHexString(result.Buffer.ToArray()));
        Assert.True(result.IsCompleted);
        Other.Input.AdvanceTo(result.Buffer.End);
    }

    /// <summary>Asserts that nothing waits to be read: what was held back is not there yet.</summary>
    public void ExpectSilence()
    {
        Thread.Sleep(20);
        if (Other.Input.TryRead(out var result))
        {
            var bytes = Convert.ToHexString(result.Buffer.ToArray());
            Other.Input.AdvanceTo(result.Buffer.Start);
            Assert.Equal("", bytes);
        }
    }

    /// <summary>Closes the transport without a word.</summary>
    public abstract Task CutAsync();

    /// <summary>Breaks the transport under the subject's hands.</summary>
    public abstract Task BreakAsync();
}
