using System.Collections;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using SafeMarl.ML;

namespace SafeMarl.Cli;

/// <summary>Options from a JSON file and from NAME=VALUE pairs, bound by name; an unknown name is an error.</summary>
internal static class Settings
{
    /// <summary>Reads a file (if there is one), then pairs that come before it.</summary>
    /// <exception cref="SafeMarlException">A pair has no '=', or the file is missing or no JSON.</exception>
    public static IConfigurationRoot Read(string? file, IEnumerable<string> pairs)
    {
        var builder = new ConfigurationBuilder();
        if (file is not null)
            builder.AddJsonFile(Path.GetFullPath(file), optional: false);
        builder.AddInMemoryCollection(pairs.Select(pair => pair.Split('=', 2) is [var name, var value]
            ? KeyValuePair.Create(name.Trim(), (string?)value.Trim())
            : throw new SafeMarlException($"'{pair}' is not of the form NAME=VALUE.")));
        try
        {
            return builder.Build();
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException or FormatException)
        {
            throw new SafeMarlException(e.Message, e);
        }
    }

    /// <summary>Sets options by name.</summary>
    /// <exception cref="SafeMarlException">A name is unknown (the message lists those that there are) or a value has the wrong type.</exception>
    public static T Bind<T>(T options, IConfiguration configuration)
        where T : class
    {
        string[] names = [.. Describe(options).Keys];
        if (configuration.GetChildren().FirstOrDefault(c => !names.Contains(c.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new SafeMarlException($"{options.GetType().Name} has no option '{unknown.Key}'. It has: {string.Join(", ", names)}.");
        try
        {
            configuration.Bind(options);
            return options;
        }
        catch (InvalidOperationException e)
        {
            throw new SafeMarlException($"{options.GetType().Name}: {e.Message}", e);
        }
    }

    /// <summary>Names and values of options, as they are typed.</summary>
    public static IReadOnlyDictionary<string, string> Describe(object options) => options.GetType().GetProperties()
        .Where(p => p.CanWrite && p.GetMethod is { IsStatic: false })
        .ToDictionary(p => p.Name, p => p.GetValue(options) switch
        {
            null => "-",
            IDictionary pairs => string.Join(", ", pairs.Keys.Cast<object>().Select(k => $"{k}={pairs[k]}")) is { Length: > 0 } list ? list : "-",
            IList values => string.Join(", ", values.Cast<object>()) is { Length: > 0 } list ? list : "-",
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            var value => value.ToString() ?? "",
        });

    /// <summary>Options as a JSON object, for a run's description.</summary>
    public static JsonElement ToJson(object options) => JsonSerializer.SerializeToElement(options, options.GetType(), RunDescription.Json);
}
