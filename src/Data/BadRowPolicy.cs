namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What a bad row of a file does to the reading.</summary>
public enum BadRowPolicy
{
    /// <summary>The first bad row ends the reading with a <see cref="PreferenceDataException"/>.</summary>
    Fail,

    /// <summary>Bad rows are left out and counted with their reasons in a <see cref="BadRowReport"/>.</summary>
    Skip,
}
