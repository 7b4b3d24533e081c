using System.IO.Pipelines;

namespace FleetMonitor.Service.Mqtt.Epoll;

/// <summary>
/// The sending side of a connection: a write is a system call on the thread that has something to send. What the kernel does not take at once the
/// I/O thread sends when there is room.
/// </summary>
/// <remarks>It is written to by <see cref="WriteAsync"/> alone, one at a time, and not completed while one is under way.</remarks>
internal sealed class EpollWriter(IEpollLoop loop, EpollConnection connection) : PipeWriter
{
    private static readonly FlushResult Sent = new(isCanceled: false, isCompleted: false);
    private static readonly FlushResult Broken = new(isCanceled: false, isCompleted: true);
    private static readonly FlushResult GivenUp = new(isCanceled: true, isCompleted: false);

    /// <summary>Kept here: what a short acknowledgement takes on our side is mostly the wait for memory that was not used for long.</summary>
    private readonly int _descriptor = connection.Descriptor;

    private ReadOnlyMemory<byte> _unsent;
    private TaskCompletionSource<FlushResult>? _waiting;
    private volatile bool _isGivenUp;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (Send(ref source) is { } result)
        {
            return ValueTask.FromResult(result);
        }

        // From here on all of it is the I/O thread's.
        var waiting = new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _unsent = source;
        Volatile.Write(ref _waiting, waiting);
        loop.WatchForWriting(connection);
        if (_isGivenUp)
        {
            loop.Attend(connection);
        }

        return new ValueTask<FlushResult>(waiting.Task);
    }

    public override void CancelPendingFlush()
    {
        _isGivenUp = true;
        loop.Attend(connection);
    }

    /// <summary>On the I/O thread: the kernel has room again.</summary>
    public void OnWritable()
    {
        if (Volatile.Read(ref _waiting) is { } waiting && Send(ref _unsent) is { } result)
        {
            Settle(waiting, result);
        }
    }

    /// <summary>On the I/O thread: somebody may have given up what is being sent.</summary>
    public void Attend()
    {
        if (_isGivenUp && Volatile.Read(ref _waiting) is { } waiting)
        {
            Settle(waiting, GivenUp);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(Sent);

    public override void Complete(Exception? exception = null)
    {
    }

    public override void Advance(int bytes) => throw new NotSupportedException();

    public override Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

    public override Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();

    private void Settle(TaskCompletionSource<FlushResult> waiting, FlushResult result)
    {
        _unsent = default;
        Volatile.Write(ref _waiting, null);
        waiting.SetResult(result);
    }

    /// <returns>Null where the kernel has no room for the rest.</returns>
    private FlushResult? Send(ref ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = LinuxSocket.Send(_descriptor, bytes.Span);
            if (sent >= 0)
            {
                bytes = bytes[sent..];
            }
            else if (LinuxSocket.Error == LinuxSocket.WouldBlock)
            {
                return null;
            }
            else if (LinuxSocket.Error != LinuxSocket.Interrupted)
            {
                return Broken;
            }
        }

        return Sent;
    }
}
