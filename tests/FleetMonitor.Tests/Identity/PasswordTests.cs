using System.Text;
using FleetMonitor.Service.Identity;
using Xunit;

namespace FleetMonitor.Tests.Identity;

public sealed class PasswordTests
{
    /// <summary>Made by mosquitto_passwd 2.0.11 of "correct horse".</summary>
    private const string OfMosquitto = 
        "$7$101$nQvYvJlxficT3Qht$EEYNTIZSMZoEpNe8ZBne1gKoJ8/9Mz864uthFh6SEJmc0Rd0RK0Zo0nx7U97/L0m8k1AQO0aGIIJsryHlPxLtw==";

    [Fact]
    public void Hash_ReadBack_TakesItsPasswordAndNoOther()
    {
        string text = PasswordHash.Of("correct horse"u8, 1_000).Text;

        PasswordHash hash = PasswordHash.TryParse(text)!;

        Assert.StartsWith("$7$1000$", text, StringComparison.Ordinal);
        Assert.True(hash.Matches("correct horse"u8));
        Assert.False(hash.Matches("correct horsf"u8));
        Assert.False(hash.Matches([]));
        Assert.NotEqual(text, PasswordHash.Of("correct horse"u8, 1_000).Text);
    }

    [Fact]
    public void Hash_MadeByMosquitto_IsTakenAsItIs()
    {
        PasswordHash hash = PasswordHash.TryParse(OfMosquitto)!;

        Assert.True(hash.Matches("correct horse"u8));
        Assert.False(hash.Matches("correct horse "u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("correct horse")]
    [InlineData("$6$c2FsdHNhbHRzYWx0$aGFzaA==")]
    [InlineData("$7$0$c2FsdHNhbHRzYWx0$aGFzaA==")]
    [InlineData("$7$1000$c2FsdHNhbHRzYWx0$aGFzaA==")]
    [InlineData("$7$99999999$c2FsdHNhbHRzYWx0$aGFzaA==")]
    public void Hash_OfAnotherForm_IsRefused(string text) => Assert.Null(PasswordHash.TryParse(text));

    [Fact]
    public async Task Check_ManyAtOnceWithTheSamePassword_HashOnce_AndNeverAgain()
    {
        var checks = new PasswordChecks();
        PasswordHash hash = PasswordHash.Of("fleet"u8, 1_000);

        PasswordAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => CheckAsync(checks, hash, "fleet")));
        PasswordAnswer later = await CheckAsync(checks, hash, "fleet");

        Assert.All(answers.Append(later), answer => Assert.Equal(PasswordAnswer.Right, answer));
        Assert.Equal(1, checks.Hashed);
    }

    [Fact]
    public async Task Check_WrongPassword_IsHashedEachTime()
    {
        var checks = new PasswordChecks();
        PasswordHash hash = PasswordHash.Of("fleet"u8, 1_000);

        Assert.Equal(PasswordAnswer.Wrong, await CheckAsync(checks, hash, "float"));
        Assert.Equal(PasswordAnswer.Wrong, await CheckAsync(checks, hash, "float"));

        Assert.Equal(2, checks.Hashed);
    }

    [Fact]
    public async Task Check_PasswordThatWasChanged_IsNotRemembered()
    {
        var checks = new PasswordChecks();
        await CheckAsync(checks, PasswordHash.Of("old"u8, 1_000), "old");

        Assert.Equal(PasswordAnswer.Wrong, await CheckAsync(checks, PasswordHash.Of("new"u8, 1_000), "old"));
    }

    [Fact]
    public async Task Check_MoreThanMayWait_AreTurnedAway_AndNothingIsHeldUp()
    {
        var checks = new PasswordChecks(mostWaiting: 5);
        PasswordHash slow = PasswordHash.Of("fleet"u8, 50_000);

        PasswordAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => CheckAsync(checks, slow, $"guess {i}")));

        Assert.Contains(PasswordAnswer.Busy, answers);
        Assert.Contains(PasswordAnswer.Wrong, answers);
        Assert.Equal(PasswordAnswer.Right, await CheckAsync(checks, slow, "fleet"));
    }

    private static Task<PasswordAnswer> CheckAsync(PasswordChecks checks, PasswordHash hash, string password) =>
        checks.CheckAsync(hash, Encoding.UTF8.GetBytes(password), CancellationToken.None).AsTask();
}
