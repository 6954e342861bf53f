using System.ComponentModel.DataAnnotations;

namespace SafeMarl.ML.Trainers;

/// <summary>Checks options by their attributes and says which property has which value and what is allowed.</summary>
internal static class OptionsValidation
{
    /// <summary>What is wrong with options, one sentence each.</summary>
    public static IReadOnlyList<string> Problems(object options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        results.AddRange(UndefinedChoices(options));
        // Cross-property checks run only when every property is fine by itself; those come last.
        return [.. results.Select(result => Describe(options, result))];
    }

    /// <exception cref="InvalidOptionsException">Something is wrong; the message names each property, its value and what is allowed.</exception>
    public static void ThrowIfInvalid(object options)
    {
        IReadOnlyList<string> problems = Problems(options);
        if (problems.Count > 0)
            throw new InvalidOptionsException(string.Join(' ', problems));
    }

    // Numbers can be put into an enumeration that it does not define.
    private static IEnumerable<ValidationResult> UndefinedChoices(object options) => options.GetType().GetProperties()
        .Where(p => p.PropertyType.IsEnum && !Enum.IsDefined(p.PropertyType, p.GetValue(options)!))
        .Select(p => new ValidationResult($"it must be one of {string.Join(", ", Enum.GetNames(p.PropertyType))}", [p.Name]));

    private static string Describe(object options, ValidationResult result)
    {
        string property = result.MemberNames.FirstOrDefault() ?? "";
        object? value = options.GetType().GetProperty(property)?.GetValue(options);
        return $"{options.GetType().Name}.{property} is {(value is null or System.Collections.IEnumerable and not string ? "not valid" : $"'{value}'")}: {result.ErrorMessage?.TrimEnd('.')}.";
    }
}
