using System.Buffers;
using System.IO.Pipelines;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>A byte stream in memory: one end for the code under test, the other driven by the test.</summary>
internal sealed class PipePair
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly Pipe _toSubject = new();
    private readonly Pipe _fromSubject = new();

    public PipePair(MqttVersion version)
    {
        Version = version;
        Subject = new End(_toSubject.Reader, _fromSubject.Writer);
        Other = new End(_fromSubject.Reader, _toSubject.Writer);
    }

    public MqttVersion Version { get; }

    public IDuplexPipe Subject { get; }

    /// <summary>The other end as a pipe, where the test puts a second subject on it.</summary>
    public IDuplexPipe Other { get; }

    public async Task SendAsync(byte[] bytes) => await _toSubject.Writer.WriteAsync(bytes);

    public Task SendAsync(string hex) => SendAsync(Wire.Hex(hex));

    /// <summary>The next packet that the subject sends; its memory is its own.</summary>
    public async Task<MqttPacket> ReceiveAsync()
    {
        while (true)
        {
            var result = await _fromSubject.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            var copy = new ReadOnlySequence<byte>(result.Buffer.ToArray());
            var length = copy.Length;
            var status = MqttDecoder.Decode(ref copy, Version, Wire.Limit, out var packet, out var error);
            Assert.True(status != MqttDecodeStatus.Error, error.ToString());
            if (status == MqttDecodeStatus.Packet)
            {
                _fromSubject.Reader.AdvanceTo(result.Buffer.GetPosition(length - copy.Length));
                return packet;
            }

            _fromSubject.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            Assert.False(result.IsCompleted, "The subject closed instead of sending a packet.");
        }
    }

    /// <summary>Asserts that the subject closes without sending anything more.</summary>
    public async Task ExpectEndAsync()
    {
        var result = await _fromSubject.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        Assert.Equal("", Convert.ToHexString(result.Buffer.ToArray()));
        Assert.True(result.IsCompleted);
        _fromSubject.Reader.AdvanceTo(result.Buffer.End);
    }

    /// <summary>Asserts that nothing waits to be read: what was held back is not there yet.</summary>
    public void ExpectSilence()
    {
        Thread.Sleep(20);
        if (_fromSubject.Reader.TryRead(out var result))
        {
            var bytes = Convert.ToHexString(result.Buffer.ToArray());
            _fromSubject.Reader.AdvanceTo(result.Buffer.Start);
            Assert.Equal("", bytes);
        }
    }

    /// <summary>Closes the transport without a word.</summary>
    public Task CutAsync() => _toSubject.Writer.CompleteAsync().AsTask();

    /// <summary>Breaks the transport under the subject's hands.</summary>
    public Task BreakAsync() => _toSubject.Writer.CompleteAsync(new IOException("reset")).AsTask();

    private sealed class End(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
