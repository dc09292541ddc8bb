namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>A form in which what was trained is saved.</summary>
internal enum SavedForm
{
    /// <summary>A folder <c>model</c>, which this and other tools read; an adapter is merged into it.</summary>
    Folder,

    /// <summary>An ML.NET file <c>model.zip</c>, with the preparation and the reference.</summary>
    Zip,

    /// <summary>A folder <c>adapter</c> with the adapter alone.</summary>
    Adapter,
}
