using FleetMonitor.Fleet.Units;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetMonitor.Service.Http;

/// <summary>One parameter of a query string, for the description and for telling a slip of the pen.</summary>
/// <param name="Type">Of its values, as the description has it.</param>
internal sealed record QueryParameter(string Name, string Description, JsonSchemaType Type = JsonSchemaType.String);

/// <summary>What <c>/openapi/v1.json</c> says beside what the endpoints say of themselves.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "FleetMonitor";
            document.Info.Description =
                "Metered energy, levy and state of a mining fleet. Energy is in kWh and money in whole currency units, both exact decimals; "
                + "days are local dates of the site. Errors are problem details (RFC 9457).";
            document.Servers?.Clear();
            SecureByKey(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, cancellation) =>
        {
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "Why not: 401 and 403 without the role, 406 for a type that is not given, 429 for too many requests, 503 while it cannot answer.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/problem+json"] = new()
                    {
                        Schema = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), cancellationToken: cancellation),
                    },
                },
            };
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Type type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            JsonSchemaType absent = type == context.JsonTypeInfo.Type ? 0 : JsonSchemaType.Null;
            if (type == typeof(decimal) || type == typeof(double))
            {
                // A decimal is exact, whatever its format says.
                (schema.Type, schema.Format, schema.Pattern) = (JsonSchemaType.Number | absent, type == typeof(double) ? "double" : null, null);
            }
            else if (type == typeof(int) || type == typeof(long))
            {
                (schema.Type, schema.Pattern) = (JsonSchemaType.Integer | absent, null);
            }
            else if (type == typeof(Instant))
            {
                schema.Type = JsonSchemaType.String | absent;
                schema.Format = "date-time";
                schema.Properties?.Clear();
                schema.Required?.Clear();
            }

            return Task.CompletedTask;
        });
    }

    private static void SecureByKey(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key; none is needed where none are set." },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
    }

    /// <summary>Declares the query parameters that an endpoint takes: they are described, and any other is refused by name.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, params QueryParameter[] parameters) => endpoint
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (QueryParameter parameter in parameters)
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = parameter.Name,
                    In = ParameterLocation.Query,
                    Description = parameter.Description,
                    Schema = new OpenApiSchema { Type = parameter.Type },
                });
            }

            return Task.CompletedTask;
        })
        .AddEndpointFilter(async (invocation, next) =>
        {
            var query = new QueryReader(invocation.HttpContext.Request.Query);
            query.RefuseUnknown(parameters);
            return query.Refusal is { } refusal ? refusal : await next(invocation);
        })
        .ProducesProblem(StatusCodes.Status400BadRequest);
}
