using System.CommandLine;
using FleetMonitor.Service.Commands;
using Xunit;

namespace FleetMonitor.Tests.Commands;

public class ParsingTests
{
    [Fact]
    public void NameThatBeginsWithAnAtSign_IsTakenAsItIsTyped()
    {
        ParseResult parsed = Parse("levy", "close", "2026-Q3", "--site", "aksu", "--by", "@Eve");

        Assert.Empty(parsed.Errors);
        Assert.Equal("@Eve", parsed.GetValue<string>("--by"));
    }

    [Fact]
    public void FileOfArguments_IsNotReadEvenWhereThereIsOne()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "--force");
        try
        {
            ParseResult parsed = Parse("levy", "close", "2026-Q3", "--site", "aksu", "--by", "@" + file);

            Assert.Equal("@" + file, parsed.GetValue<string>("--by"));
            Assert.False(parsed.GetValue<bool>("--force"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("PERIOD: \"2026-Q5\" will not do; write a quarter such as 2026-Q4.", "levy", "statement", "2026-Q5")]
    [InlineData("--period: \"autumn\" will not do; write a quarter such as 2026-Q4.", "levy", "postings", "--period", "autumn")]
    [InlineData("--day and --period: write one of them.", "levy", "compliance", "--period", "2026-Q4", "--day", "2026-11-21")]
    public void WhatWillNotDo_IsSaidWithWhatWould(string error, params string[] typed) =>
        Assert.Equal([error], Parse(typed).Errors.Select(one => one.Message));

    private static ParseResult Parse(params string[] typed) => RootCommandFactory.Create(TimeProvider.System).Parse(typed, RootCommandFactory.AsTyped);
}
