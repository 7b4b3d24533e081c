using FleetMonitor.Service.Pipeline;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

public class QueueRoomTests
{
    [Fact]
    public async Task Enter_WhileThereIsRoom_IsAtOnce_AndOneBatchMayStandOut()
    {
        var room = new QueueRoom(100);

        await room.EnterAsync(99, CancellationToken.None);
        Assert.False(room.IsFull);
        await room.EnterAsync(500, CancellationToken.None);

        Assert.True(room.IsFull);
    }

    [Fact]
    public async Task Enter_WithoutRoom_WaitsForItsTurn()
    {
        var room = new QueueRoom(100);
        await room.EnterAsync(100, CancellationToken.None);
        Task first = room.EnterAsync(100, CancellationToken.None).AsTask();
        Task second = room.EnterAsync(1, CancellationToken.None).AsTask();
        Assert.False(first.IsCompleted || second.IsCompleted);

        room.Leave(100);
        await first.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(second.IsCompleted);

        room.Leave(100);
        await second.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(room.IsFull);
    }

    [Fact]
    public async Task Enter_GivenUp_TakesNoRoom()
    {
        var room = new QueueRoom(100);
        await room.EnterAsync(100, CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        Task gone = room.EnterAsync(100, cancelled.Token).AsTask();
        Task next = room.EnterAsync(100, CancellationToken.None).AsTask();

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        room.Leave(100);

        await next.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Open_LetsInWhoWaitsAndWhoComes()
    {
        var room = new QueueRoom(100);
        await room.EnterAsync(100, CancellationToken.None);
        Task[] waiting = [room.EnterAsync(100, CancellationToken.None).AsTask(), room.EnterAsync(100, CancellationToken.None).AsTask()];

        room.Open();

        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(room.EnterAsync(100, CancellationToken.None).IsCompletedSuccessfully);
    }
}
