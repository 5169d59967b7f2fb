import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { pageRoot, styleNonce } from './api.ts';
import { createQueries } from './create-queries.ts';
import { followEvents } from './events.ts';
import { HomePage } from './home/home-page.tsx';
import { ErrorBoundary } from './shared/error-boundary.tsx';
import { Failure } from './shared/failure.tsx';
import { Loading } from './shared/loading.tsx';
import { Shell } from './shell.tsx';
import { strings } from './strings.ts';
import { cssVariables, theme } from './theme.ts';

const StatusPage = lazy(() => import('./status/status-page.tsx'));
const ConfigPage = lazy(() => import('./config/config-page.tsx'));
const UploadPage = lazy(() => import('./upload/upload-page.tsx'));

const queries = createQueries();

const colorSchemes = localStorageColorSchemeManager({ key: 'causeway-color-scheme' });

export function App() {
  useEffect(() => followEvents(queries), []);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
      cssVariablesResolver={cssVariables}
      getStyleNonce={() => styleNonce}
    >
      <Notifications position="top-right" />
      <QueryClientProvider client={queries}>
        <BrowserRouter basename={pageRoot.pathname.replace(/\/$/, '')}>
          <Shell>
            <Places />
          </Shell>
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Places() {
  const { pathname } = useLocation();
  return (
    <ErrorBoundary of={pathname}>
      <Suspense fallback={<Loading />}>
        <Routes>
          <Route index element={<HomePage />} />
          <Route path="status/*" element={<StatusPage />} />
          <Route path="config/*" element={<ConfigPage />} />
          <Route path="upload" element={<UploadPage />} />
          <Route path="status" element={<Navigate to="/status/studies" replace />} />
          <Route path="*" element={<Failure error={new Error(strings.errors.noSuchPlace)} />} />
        </Routes>
      </Suspense>
    </ErrorBoundary>
  );
}
