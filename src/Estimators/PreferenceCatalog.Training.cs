namespace Microsoft.ML;

/// <content>Training.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>The trainers.</summary>
    public PreferenceTrainersCatalog Trainers => new(_context);
}
