using System.Runtime.CompilerServices;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;

namespace Microsoft.ML;

/// <content>The verbs that load model files.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Loads a model file that <c>mlContext.Model.Save</c> wrote, and says in one sentence what is wrong with one that it cannot load.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What the model may be like that is refused by default; <see langword="null"/> for the defaults.</param>
    /// <returns>The transformer, as <c>mlContext.Model.Load</c> gives it.</returns>
    /// <exception cref="InvalidDataException">The file is damaged, was changed, or is no model; the message says what of it.</exception>
    /// <exception cref="IOException">The file cannot be opened, or is not there.</exception>
    [OverloadResolutionPriority(1)] // a null in second place is no options: a model must not be null
    public ITransformer LoadModel(string path, ModelLoadOptions? options = null) => LoadModel(path, out _, options);

    /// <summary>Loads a model file whose adapters were saved without the model that they belong to (<see cref="LoraOptions.EmbedBase"/>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="baseModel">The model, whose weights must have the hash that the file says. On the CPU they are shared: many files need them in memory once.
    /// It stays the caller's.</param>
    /// <param name="options">What the model may be like that is refused by default; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidDataException">The file is damaged, was changed, or is no model; or the model that was given is another one; the message says
    /// what of it.</exception>
    /// <exception cref="IOException">The file cannot be opened, or is not there.</exception>
    public ITransformer LoadModel(string path, PretrainedModel baseModel, ModelLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(baseModel);
        using BaseModelScope scope = new(baseModel.Network.Network);
        return LoadModel(path, out _, options);
    }

    /// <summary>Loads a model file that <c>mlContext.Model.Save</c> wrote, and says in one sentence what is wrong with one that it cannot load.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The schema of the input that was saved with the model, or <see langword="null"/>.</param>
    /// <param name="options">What the model may be like that is refused by default; <see langword="null"/> for the defaults.</param>
    /// <returns>The transformer, as <c>mlContext.Model.Load</c> gives it.</returns>
    /// <remarks>
    /// <c>mlContext.Model.Load</c> loads the same files. It makes a file's parts through reflection and wraps what they throw: there, the sentence is that of
    /// the <see cref="Exception.GetBaseException"/>, a <see cref="FormatException"/>. Its own parts it reads without checksums and bounds; here those are
    /// checked first. Which components a file has is the file's to say: load only files whose maker you would let choose among the components of your app.
    /// </remarks>
    /// <exception cref="InvalidDataException">The file is damaged, was changed, or is no model; the message says what of it.</exception>
    /// <exception cref="IOException">The file cannot be opened, or is not there.</exception>
    public ITransformer LoadModel(string path, out DataViewSchema? inputSchema, ModelLoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return SavedModelFile.Load(_context, path, out inputSchema, options ?? new ModelLoadOptions());
    }

    /// <summary>Loads a model file that <c>mlContext.Model.Save</c> wrote, and loads it anew whenever it is replaced, while predictions go on.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How often it is looked at, and who is told; <see langword="null"/> for the defaults.</param>
    /// <returns>Dispose it when done.</returns>
    /// <exception cref="InvalidDataException">The file that is there now is damaged, was changed, or is no model; the message says what of it.</exception>
    /// <exception cref="IOException">It cannot be opened, or is not there.</exception>
    /// <exception cref="ArgumentException">The path is empty, or an option out of its range.</exception>
    public WatchedModel WatchModel(string path, WatchedModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return new WatchedModel(_context, path, options ?? new WatchedModelOptions());
    }
}
