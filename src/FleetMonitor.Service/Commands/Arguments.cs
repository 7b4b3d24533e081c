using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FleetMonitor.Fleet;

namespace FleetMonitor.Service.Commands;

/// <summary>Options of the kinds that commands share; a wrong value is answered with what was wrong and what to write.</summary>
internal static class Arguments
{
    private delegate bool TryParse<T>(string text, out T? value);

    public static Option<int> Integer(string name, int defaultValue, int least, int most, string description) => Parsed(
        name,
        description,
        (string text, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"),
        () => defaultValue);

    public static Option<TimeSpan> Duration(string name, TimeSpan defaultValue, string description) => Parsed(
        name, description, (string text, out TimeSpan value) => DurationText.TryParse(text, out value), $"a duration {DurationText.Forms}", () => defaultValue);

    public static Option<TimeSpan?> OptionalDuration(string name, string description) => Parsed(
        name,
        description,
        (string text, out TimeSpan? value) =>
        {
            bool isDuration = DurationText.TryParse(text, out TimeSpan duration);
            value = duration;
            return isDuration;
        },
        $"a duration {DurationText.Forms}",
        () => (TimeSpan?)null);

    public static Option<string> Identifier(string name, string defaultValue, string description) => Parsed(
        name,
        description,
        (string text, out string? value) =>
        {
            value = text;
            return Fleet.Identifier.IsValid(text);
        },
        "1 to 128 bytes without / + # and without a space at either end",
        () => defaultValue);

    public static Option<string> TopicFilter(string name, string defaultValue, string description) => Parsed(
        name,
        description,
        (string text, out string? value) =>
        {
            value = text;
            return FleetMonitor.Mqtt.Topics.TopicFilter.TryParse(text) is not null;
        },
        "an MQTT topic filter such as fleet/+/+/telemetry, with + for one level and # for the rest",
        () => defaultValue);

    public static Option<DateOnly?> Date(string name, string description) => Parsed(
        name,
        description,
        (string text, out DateOnly? value) =>
        {
            bool isDate = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date);
            value = date;
            return isDate;
        },
        "a local date such as 2026-11-21",
        () => (DateOnly?)null);

    public static Option<TimeZoneInfo> TimeZone(string name, string defaultValue, string description) => Parsed(
        name,
        description,
        (string text, out TimeZoneInfo? value) => TimeZoneInfo.TryFindSystemTimeZoneById(text, out value),
        $"an IANA time zone such as {defaultValue}",
        () => TimeZoneInfo.FindSystemTimeZoneById(defaultValue));

    public static Option<Mqtt.BrokerAddress> Broker(string name, string description)
    {
        Option<Mqtt.BrokerAddress> option = Parsed<Mqtt.BrokerAddress>(
            name, description, Mqtt.BrokerAddress.TryParse, Mqtt.BrokerAddress.Forms, null);
        option.Required = true;
        return option;
    }

    private static Option<T> Parsed<T>(string name, string description, TryParse<T> tryParse, string wanted, Func<T>? defaultValue)
    {
        var option = new Option<T>(name)
        {
            Description = description,
            CustomParser = result =>
            {
                string text = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
                if (tryParse(text, out T? value))
                {
                    return value;
                }

                result.AddError($"{name}: \"{text}\" will not do; write {wanted}.");
                return default;
            },
        };
        if (defaultValue is not null)
        {
            option.DefaultValueFactory = _ => defaultValue();
        }

        return option;
    }
}
