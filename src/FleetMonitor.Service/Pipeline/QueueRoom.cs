namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// The room in front of the loop, in messages: batches come small and large, and it is messages that take time and memory. Who finds none waits
/// for its turn; one batch may stand out beyond the edge.
/// </summary>
internal sealed class QueueRoom(int messages)
{
    private readonly Lock _gate = new();
    private readonly Queue<(int Messages, TaskCompletionSource Entered)> _waiting = new();
    private int _free = messages;
    private bool _isOpen;

    public bool IsFull => Volatile.Read(ref _free) <= 0;

    /// <summary>Completes when there is room. <see cref="Leave"/> follows.</summary>
    public async ValueTask EnterAsync(int messages, CancellationToken cancellation)
    {
        TaskCompletionSource entered;
        lock (_gate)
        {
            if (_isOpen || (_free > 0 && _waiting.Count == 0))
            {
                _free -= messages;
                return;
            }

            entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((messages, entered));
        }

        await using (cancellation.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), entered))
        {
            await entered.Task;
        }
    }

    public void Leave(int messages)
    {
        lock (_gate)
        {
            _free += messages;
            LetIn();
        }
    }

    /// <summary>Nobody leaves any more: lets in who waits and who comes.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _isOpen = true;
            LetIn();
        }
    }

    private void LetIn()
    {
        while ((_isOpen || _free > 0) && _waiting.TryDequeue(out (int Messages, TaskCompletionSource Entered) next))
        {
            if (next.Entered.TrySetResult())
            {
                _free -= next.Messages;
            }
        }
    }
}
