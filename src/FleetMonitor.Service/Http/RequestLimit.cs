using System.Globalization;
using System.Net;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary>So many requests a minute from one remote address, whatever they ask for. This machine itself is not limited.</summary>
internal static class RequestLimit
{
    public static void UseRequestLimit(this WebApplication web, HttpSettings settings, TimeProvider time)
    {
        var limiter = new AddressLimiter(settings.RequestsPerMinute, time);
        web.Use((http, next) =>
        {
            IPAddress? address = Remote.AddressOf(http);
            return (address is not null && IPAddress.IsLoopback(address)) || limiter.TryTake(address)
                ? next(http)
                : TooMany(http, limiter.Wait(address), "Too many requests came from this address.").ExecuteAsync(http);
        });
    }

    public static ProblemHttpResult TooMany(HttpContext http, TimeSpan wait, string detail)
    {
        http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status429TooManyRequests);
    }
}
