using System.Buffers;
using System.IO.Pipelines;

namespace FleetMonitor.Mqtt.Transport;

/// <summary>
/// What a connection still has to send. Any thread appends whole packets under <see cref="Gate"/>; one flush at a
/// time carries everything that piled up meanwhile, so that many packets share a write. Idle, it holds no memory.
/// </summary>
internal sealed class OutboundBuffer(PipeWriter writer, Action? drained = null)
    : IBufferWriter<byte>, IThreadPoolWorkItem
{
    private const int SmallestBlock = 1024;

    private static readonly IOException Unsent = new("The peer took no more.");

    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _filling = [];
    private int _count;
    private int _inFlush;
    private bool _flushing;
    private bool _sealed;
    private bool _broken;
    private TaskCompletionSource? _roomWaiter;
    private int _roomLimit;

    /// <summary>
    /// Held by whoever appends; also guards the state of the connection that belongs with sending. No object of its own: of ten thousand connections
    /// none is at hand when its turn comes, and each object more is another wait for memory, twice a message.
    /// </summary>
    public object Gate => this;

    /// <summary>Bytes appended and not yet taken by the transport. Read under <see cref="Gate"/>.</summary>
    public int Pending => _count + _inFlush;

    /// <summary>Whether appending still has a point. Read under <see cref="Gate"/>.</summary>
    public bool IsOpen => !_sealed && !_broken;

    public void Advance(int count) => _count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _filling.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _filling.AsSpan(_count);
    }

    /// <summary>Sees to it that what was appended gets sent. Called under <see cref="Gate"/>.</summary>
    public void Signal()
    {
        if (ClaimFlush())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>
    /// For those who would rather send on their own thread: true where there is something to send and nobody sends it; the caller then calls
    /// <see cref="Flush"/> once it has left the gate. Called under <see cref="Gate"/>.
    /// </summary>
    public bool ClaimFlush()
    {
        bool claimed = !_flushing && _count > 0;
        _flushing |= claimed;
        return claimed;
    }

    /// <summary>
    /// Sends what is there; goes on elsewhere where the transport does not take it at once. Most of what is sent is one short acknowledgement, taken
    /// at once: that costs no state machine.
    /// </summary>
    public void Flush() => Flush(delivered: true);

    /// <summary>Takes no more packets; what is there is still sent. Called under <see cref="Gate"/>.</summary>
    public void Seal()
    {
        _sealed = true;
        if (!_flushing && _count == 0)
        {
            Finish();
        }
    }

    /// <summary>Gives up on a peer that does not take what is sent to it.</summary>
    public void Abort()
    {
        lock (Gate)
        {
            _broken = true;
            if (!_flushing)
            {
                Finish();
            }
        }

        writer.CancelPendingFlush();
    }

    /// <summary>Completes when a sealed or broken buffer has nothing more to do with the transport.</summary>
    public Task Finished => _finished.Task;

    /// <summary>
    /// Ends a sealed buffer's use of the transport. What a broken one did not get rid of is dropped: a writer that is completed without a word
    /// flushes what it holds, and over a dead socket that throws.
    /// </summary>
    public async Task CompleteAsync()
    {
        await Finished;
        await writer.CompleteAsync(_broken ? Unsent : null);
    }

    /// <summary>Completes when fewer than <paramref name="limit"/> bytes are pending or sending has ended.</summary>
    public ValueTask WaitForRoomAsync(int limit)
    {
        lock (Gate)
        {
            if (Pending < limit || _broken || _finished.Task.IsCompleted)
            {
                return ValueTask.CompletedTask;
            }

            _roomLimit = limit;
            _roomWaiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_roomWaiter.Task);
        }
    }

    void IThreadPoolWorkItem.Execute() => Flush();

    /// <param name="delivered">What became of the write before, where there was one.</param>
    private void Flush(bool delivered)
    {
        while (TakeFilled(delivered, out var block, out var count))
        {
            var write = WriteAsync(block, count);
            if (!write.IsCompletedSuccessfully)
            {
                _ = GoOnAsync(write, block);
                return;
            }

            delivered = Delivered(write.Result);
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static bool Delivered(FlushResult result) => !result.IsCompleted && !result.IsCanceled;

    private ValueTask<FlushResult> WriteAsync(byte[] block, int count)
    {
        try
        {
            return writer.WriteAsync(block.AsMemory(0, count));
        }
        catch (Exception failure)
        {
            return ValueTask.FromException<FlushResult>(failure);
        }
    }

    private async Task GoOnAsync(ValueTask<FlushResult> write, byte[] block)
    {
        var delivered = false;
        try
        {
            delivered = Delivered(await write);
        }
        catch (Exception)
        {
            // A transport that fails a write fails the read as well: the receive loop reports it, with the cause.
        }

        ArrayPool<byte>.Shared.Return(block);
        Flush(delivered);
    }

    /// <summary>Settles what was sent before, if anything was, and takes what has come meanwhile.</summary>
    private bool TakeFilled(bool delivered, out byte[] block, out int count)
    {
        lock (Gate)
        {
            if (_inFlush > 0)
            {
                Settle(delivered);
            }

            if (_count > 0 && !_broken)
            {
                (block, count) = (_filling, _count);
                (_filling, _count, _inFlush) = ([], 0, _count);
                return true;
            }

            (block, count) = ([], 0);
            _flushing = false;
            if (_sealed || _broken)
            {
                Finish();
            }

            return false;
        }
    }

    private void Settle(bool delivered)
    {
        _inFlush = 0;
        _broken |= !delivered;
        if (!_broken)
        {
            drained?.Invoke();
        }

        if (_broken || Pending < _roomLimit)
        {
            _roomWaiter?.TrySetResult();
            _roomWaiter = null;
        }
    }

    private void Finish()
    {
        if (_filling.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_filling);
            (_filling, _count) = ([], 0);
        }

        _roomWaiter?.TrySetResult();
        _finished.TrySetResult();
    }

    private void MakeRoom(int sizeHint)
    {
        var needed = _count + Math.Max(sizeHint, 1);
        if (needed <= _filling.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(SmallestBlock, _filling.Length * 2)));
        if (_filling.Length > 0)
        {
            _filling.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_filling);
        }

        _filling = larger;
    }
}
