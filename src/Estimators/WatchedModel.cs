using Microsoft.Extensions.Logging;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;

namespace MiniMind.MLNet.Dpo;

/// <summary>A model file that may be replaced while it is used; made by <c>mlContext.Preferences.WatchModel</c>.</summary>
/// <remarks>
/// <para>Thread-safe. The file is looked at from time to time, so that it does not matter how it is replaced: renamed over, written in place, or a link that
/// leads elsewhere; on network and container file systems too. The new model is loaded beside the old one, which goes on until then and is disposed when its
/// last prediction ends. So there are two models in memory for a moment.</para>
/// <para>A file that cannot be loaded, or gives other columns, changes nothing: <see cref="Refusal"/> and the log say why, and the next file is tried.</para>
/// </remarks>
public sealed class WatchedModel : IDisposable
{
    private readonly MLContext _context;
    private readonly string _path;
    private readonly WatchedModelOptions _options;
    private readonly ModelSource _source;
    private readonly Lock _look = new();
    private readonly Timer _timer;
    private FileStamp? _loaded, _seen, _refused;
    private bool _disposed;

    internal WatchedModel(MLContext context, string path, WatchedModelOptions options)
    {
        options.Validate();
        (_context, _path, _options) = (context, path, options);
        _loaded = FileStamp.Of(path);
        _source = new ModelSource(Load());
        Transformer = new NewestTransformer(_source);
        _timer = new Timer(_ => Tick(), null, options.Period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Does what the newest model does. Make prediction engines of it, or transform data; they need not be made anew, and own no model.</summary>
    public ITransformer Transformer { get; }

    /// <summary>How often the model has been replaced.</summary>
    public int Replacements { get; private set; }

    /// <summary>Why the file as it is now is not used; <see langword="null"/> where it is.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Looks at the file now, and loads it if it has changed: for an app that knows when a new model is there.</summary>
    /// <returns>Whether the file as it is now is used; <see cref="Refusal"/> says why not where it cannot be.</returns>
    /// <exception cref="ObjectDisposedException">It is watched no more.</exception>
    public bool Refresh()
    {
        lock (_look)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return FileStamp.Of(_path) is { } stamp && (stamp == _loaded || Replace(stamp));
        }
    }

    /// <summary>Ends the watching, and lets go of the model when its last prediction ends.</summary>
    public void Dispose()
    {
        lock (_look)
        {
            if (_disposed)
                return;
            _disposed = true;
            _timer.Dispose();
        }
        _source.Dispose();
    }

    private void Tick()
    {
        lock (_look)
        {
            if (_disposed)
                return;
            // a stamp that is seen a second time is that of a file that nobody writes any more
            FileStamp? before = _seen;
            _seen = FileStamp.Of(_path);
            if (_seen is { } stamp && stamp != _loaded && stamp != _refused && stamp == before)
                Replace(stamp);
            _timer.Change(_options.Period, Timeout.InfiniteTimeSpan);
        }
    }

    private ITransformer Load() => SavedModelFile.Load(
        _context, _path, out _, _options.Load ?? new ModelLoadOptions(), FileShare.ReadWrite | FileShare.Delete); // nobody who writes is held up

    private bool Replace(FileStamp stamp)
    {
        ITransformer? model = null;
        try
        {
            model = Load();
            if (FileStamp.Of(_path) != stamp)
                throw new InvalidDataException($"{_path} was changed while it was read.");
            _source.Replace(model);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            (model as IDisposable)?.Dispose();
            _refused = stamp;
            Refuse(failure is ArgumentException or InvalidDataException && model is not null ? $"{_path} does not fit: {failure.Message}" : failure.Message);
            return false;
        }
        (_loaded, _refused, Refusal) = (stamp, null, null);
        Replacements++;
        _options.Logger?.LogInformation("Model file {Path} was replaced, and its model is used now.", _path);
        return true;
    }

    private void Refuse(string reason)
    {
        Refusal = reason;
        if (_options.Logger is { } logger)
            logger.LogWarning("The model that was loaded before goes on being used. {Reason}", reason);
        else
            Console.Error.WriteLine($"{nameof(WatchedModel)} warning: the model that was loaded before goes on being used. {reason}");
    }
}
