using FleetMonitor.Ledger;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Pipeline;

/// <summary>What stands in the loop's queue.</summary>
internal sealed partial class PipelineLoop
{
    private abstract record Item;

    private sealed record BatchItem(RawBatch Batch) : Item;

    private sealed record TickItem : Item;

    private abstract record AskItem : Item
    {
        public abstract void Run(Decider decider);

        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private sealed record AskItem<T>(Func<Decider, T> Question) : AskItem
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;
        private Exception? _failure;

        public Task<T> Answer => _answer.Task;

        public override void Run(Decider decider)
        {
            try
            {
                _result = Question(decider);
            }
            catch (Exception e) when (e is not LedgerException)
            {
                _failure = e;
            }
        }

        public override void Complete()
        {
            if (_failure is { } failure)
            {
                _answer.SetException(failure);
            }
            else
            {
                _answer.SetResult(_result);
            }
        }

        public override void Fail(Exception e) => _answer.TrySetException(e);
    }
}
