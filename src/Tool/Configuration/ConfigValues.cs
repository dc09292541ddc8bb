namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>The records of options that a configuration gives, each of another type.</summary>
/// <param name="records">The records.</param>
internal sealed class ConfigValues(IReadOnlyList<object> records)
{
    /// <summary>The record of a type.</summary>
    public T Get<T>() => (T)Of(typeof(T));

    /// <summary>The record of a type.</summary>
    public object Of(Type type) => records.First(record => record.GetType() == type);

    /// <summary>The same with another record of a type.</summary>
    public ConfigValues With<T>(T record)
        where T : notnull => new([.. records.Select(old => old is T ? record : old)]);
}
