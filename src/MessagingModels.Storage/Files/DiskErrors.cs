namespace MessagingModels.Storage.Files;

internal static class DiskErrors
{
    /// <summary>Runs an operation of the disk and reports a full disk as what it is.</summary>
    public static void Translate<T>(string path, T argument, Action<T> operation)
    {
        try
        {
            operation(argument);
        }
        catch (IOException error) when (IsFull(error))
        {
            throw new StorageFullException(path, error);
        }
    }

    /// <summary>Whether an error means that the volume or the quota has no room: ENOSPC, EDQUOT, ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL.</summary>
    public static bool IsFull(IOException error)
    {
        if (OperatingSystem.IsWindows()) return error.HResult is unchecked((int)0x80070070) or unchecked((int)0x80070027);
        int quota = OperatingSystem.IsMacOS() ? 69 : 122;
        return error.HResult == 28 || error.HResult == quota;
    }
}
